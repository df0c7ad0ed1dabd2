/**
 * The parts of docs/autoscaling.md that no run changes: why the numbers are as they are, what is modelled, from which
 * source, and what is not.
 */

export const FINDINGS = `## Why they are so

- **Speed.** Cortex multiplies by at most 1.5 a minute. Target tracking goes straight to the number that it computes, once
  it has seen three whole minutes; the rest of its time is the way of a line and the minute in which its alarm is looked
  at, which AWS does not tell: a run in which that is late is above four. The step for bursts acts after some 35 seconds,
  but multiplies by 32 at most.
- **Price on a quiet day.** No number of the step changes it: there is no burst in the daily wave. We fill a replica to 75 %
  (\`targetUtilization\`), and shrink after fifteen minutes below 67.5 %. Cortex keeps one request in flight, waiting ones
  included, in each of its replicas, which is more work in each, and shrinks after five minutes. The difference buys the
  late requests below. At 0.7 it is above 1.1, and where the load jumps hardly more are answered in time; at 0.8 both
  cost nearly the same, and more are late on the ramp.
- **Bursts cost more here.** A backlog counts as offered work: while it is worked off, more replicas are asked for than the
  load needs, up to the maximum, and they stay for fifteen minutes. Cortex counts waiting requests as well, but is too slow
  to get there.
- **Where ours loses.** In \`replay\` a peak of a minute comes every quarter of an hour. Its replicas are ready when it is
  over, and leave before the next: \`burst: false\` costs less, refuses fewer, and still more than Cortex, whose minute of
  agreement lets such peaks pass. A \`minReplicas\` that holds them is better than any policy.
- **Late in the step.** The queues of the first thirty-two replicas are full when the others start, and are worked off while
  95 of 100 replicas are busy with new requests.`;

export const METHOD = `## How it is simulated

Discrete events with a seed: the same command prints the same digits. Both sides get the same arrivals (a Poisson process
that follows the trace), service times of the same log-normal distribution (deviation half the mean), and the same times
to pull and to load.

| what | as modelled | from |
|---|---|---|
| admission | so many run, 100 wait, the rest is refused; no request waits beyond 55 s | \`runtime/gateway/admit.ts\` |
| signal | running + waiting, plus refused ones for as long as they would have run; a line each 10 s, zeros while loading and while draining | \`runtime/gateway/offered-concurrency.ts\`, held together by a test |
| routing | fewest outstanding requests | the template |
| a line's way | 5 s in the log driver, 5 s from CloudWatch Logs into the metric | moby's awslogs driver; CloudWatch user guide, embedded metric format; the second is assumed |
| evaluation | a minute's alarm each minute, a 10 s alarm each 10 s, M of N, a late point replaced by an older one | CloudWatch user guide, "Alarm evaluation", "Configuring how CloudWatch alarms treat missing data" |
| actions | at the change to ALARM, then once a minute as long as it remains | AWS re:Post, "Why doesn't my CloudWatch alarm's state change invoke my Auto Scaling policy?" |
| target tracking | 3 of 3 minutes above the target, 15 of 15 below 90 % of it; desired × metric ÷ target, rounded up | aws/containers-roadmap 1208; ECS developer guide, target tracking |
| cool-downs | from the moment the service has fulfilled a change; within one an answer counts from the capacity before it | Application Auto Scaling API reference, StepScalingPolicyConfiguration; user guide, scaling activities |
| from alarm to task | 5 s, then 500 tasks a minute, 15 s to provision each | assumed; ECS service quotas; AWS's benchmark in aws/containers-roadmap 2113 (23 s with a small image) |
| Cortex | every 10 s: window 60 s, target 1 in flight, at most × 1.5 and × 0.75 a step, tolerance 5 %, up after 1 minute and down after 5 of agreement | pkg/autoscaler/autoscaler.go, v0.42.1 |
| its routing | in turns | Istio 1.11, no DestinationRule |
| its nodes | scan 10 s, 75 s to start, kept for 10 minutes when empty; images stay on a node | cluster-autoscaler.yaml.j2; FAQ of the cluster autoscaler; less than the "few minutes" of its documentation |

**Traces** are the JSON files of \`bench/autoscaling/traces\`, which the package ships: requests at once over time, or a
replayed CSV file. \`replay\` is in the format of the Azure Functions trace of 2019 (invocations a minute), but made up: the
real one is not ours to ship. \`-- --trace FILE\` takes the real one, an Azure LLM inference trace, or a JSON file of yours;
\`-- --trace step\` runs one of ours.

**Not simulated**: capacity that AWS does not have, failing replicas, deployments, limits of an account, the time a load
balancer itself takes to grow, callers that try again. How many replicas target tracking takes away at once is not
published; here it goes straight to the target, rounded up.`;
