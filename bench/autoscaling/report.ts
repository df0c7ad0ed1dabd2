/** docs/autoscaling.md from the runs: the targets first, then every trace with both sides, losses as plain as wins. */
import type { Results, Row } from '../serving/results';
import { median } from '../serving/statistics';
import { type Compared, MEASURES, type Measure, NOBODY, ratiosOf, summaryOf } from './comparison';
import { FINDINGS, METHOD } from './method';
import { INGESTION_SECONDS } from './metric';
import type { Options } from './options';
import { FARGATE_PRICE } from './prices';
import { LATE_AFTER_SERVICES, type Outcome } from './simulation';
import type { Burst, Declared } from './template';

export interface ReportProps {
  readonly results: Results;
  readonly compared: readonly Compared[];
  readonly declared: Declared;
  /** Dollars of a replica for an hour. */
  readonly price: number;
  readonly options: Pick<Options, 'workload' | 'seeds' | 'maxReplicas'>;
}

export function report({ results, compared, declared, price, options }: ReportProps): string {
  return [
    introduction(options),
    '![Replicas that are needed and ready, ours and Cortex’s, in each trace](autoscaling.svg)',
    '## Targets',
    targets(results.rows),
    FINDINGS,
    '## Every trace',
    howToRead(price),
    ...compared.map((one) => section(one, price)),
    '## What the template says',
    template(declared),
    METHOD,
  ]
    .join('\n\n')
    .concat('\n');
}

function introduction({
  workload: { service, start, concurrency, queue },
  seeds,
  maxReplicas,
}: ReportProps['options']): string {
  return `# Autoscaling, simulated

What \`npm run bench:autoscaling\` found: how fast the scaling of a \`ModelApi\` follows a load, and what that costs, beside
the published algorithm of Cortex 0.42 at its defaults. Nothing here was measured on AWS: it is a simulation of replicas,
CloudWatch and Application Auto Scaling, whose every delay is named below with its source. Written by that command; numbers
are never edited.

A request takes ${service} s on average, a replica runs ${concurrency} at a time and lets ${queue} wait, pulls its image in ${start.pull} s and loads its
model in ${start.load} s. At most ${maxReplicas} replicas. Medians of ${seeds} runs with the same callers for both; in brackets the lowest and
the highest.`;
}

function targets(rows: readonly Row[]): string {
  const aimed = rows.filter(({ target }) => target !== undefined);
  if (aimed.length === 0) return 'None of these traces has a target.';
  const lines = aimed.map((row) => {
    const against = row.peer === NOBODY ? '(minutes)' : 'Cortex';
    const found = row.min === row.max ? `${row.ratio}` : `${row.ratio} [${row.min}–${row.max}]`;
    return [row.work, row.measure, against, found, row.target, row.met ? 'met' : '**missed**'];
  });
  return table(['trace', 'measure', 'against', 'found', 'target', 'outcome'], lines);
}

function howToRead(price: number): string {
  return `**Until enough are asked for**: of the longest time in which fewer replicas were ready than the load fills, the part before
so many had been asked for; it is the policies' own. **Until enough are ready** adds how long they start. **Refused**: 503
at once, because a queue was full. **Late**: answered after more than ${LATE_AFTER_SERVICES} times an ordinary request, or told that its deadline has
passed. **Dollars**: a replica-hour at $${price.toFixed(5)} on both sides (Fargate, ${FARGATE_PRICE.region}, ${FARGATE_PRICE.date}), without
load balancers, and without the nodes that Cortex keeps empty. Ratios are ours divided by Cortex's: below 1 is better.
The last columns are other options of ours, one run each.`;
}

function section(one: Compared, price: number): string {
  const { trace, ours, cortex, choices } = one;
  const others = [...choices.values()];
  const lines = (Object.keys(MEASURES) as Measure[]).map((measure) => [
    MEASURES[measure].title,
    cell(ours, measure),
    cell(cortex, measure),
    ratio(one, measure),
    ...others.map((side) => saidAs(measure)(summaryOf(side, measure).median)),
  ]);
  const dollars = (side: readonly Outcome[]) => `$${(summaryOf(side, 'replicaHours').median * price).toFixed(2)}`;
  lines.push(['dollars', dollars(ours), dollars(cortex), ratio(one, 'replicaHours'), ...others.map(dollars)]);
  const requests = count(median(ours.map((outcome) => outcome.requests)));
  const heading = `### ${trace.title}\n\n${trace.about} ${requests} requests.`;
  return `${heading}\n\n${table(['', 'ours', 'Cortex', 'ratio', ...[...choices.keys()].map((said) => `ours, ${said}`)], lines)}`;
}

function cell(side: Compared['ours'], measure: Measure): string {
  const { median, min, max } = summaryOf(side, measure);
  const said = saidAs(measure);
  return min === max ? said(median) : `${said(median)} [${said(min)}–${said(max)}]`;
}

function saidAs(measure: Measure): (value: number) => string {
  if (measure === 'replicaHours') return hours;
  return measure.endsWith('Seconds') ? duration : count;
}

function ratio(one: Compared, measure: Measure): string {
  const found = ratiosOf(one, measure);
  return found === undefined ? '' : Number(found.median.toPrecision(3)).toString();
}

const duration = (seconds: number) =>
  `${Math.floor(Math.round(seconds) / 60)}:${String(Math.round(seconds) % 60).padStart(2, '0')}`;
const hours = (value: number) => value.toFixed(2);
const count = (value: number) => Math.round(value).toLocaleString('en');

function template({ limits, tracking, bursts, group }: Declared): string {
  return `Read from a template that the run synthesizes (\`Scaling.onConcurrency({ maxReplicas })\`), not written down anywhere:

- ${limits.min} to ${limits.max} replicas.
- Target tracking at ${tracking.targetValue} of offered concurrency; cool-downs ${tracking.scaleOutCooldown} s out, ${tracking.scaleInCooldown} s in.
${bursts.map(burst).join('\n')}
- Health checks: ${group.healthyThreshold} in a row, one each ${group.healthCheckInterval} s. A leaving replica stays ${group.deregistrationDelay} s.

A line of metrics is counted on after ${INGESTION_SECONDS} s.`;
}

function burst({ alarm, policy }: Burst): string {
  const steps = policy.steps.map(
    ({ from, adjustment }) => `+${adjustment} % from ${Number((alarm.threshold + from).toPrecision(6))}`,
  );
  return `- A burst: ${alarm.datapointsToAlarm} of ${alarm.evaluationPeriods} points of ${alarm.period} s at ${alarm.threshold} or more; ${steps.join(', ')}; cool-down ${policy.cooldown} s.`;
}

function table(head: readonly string[], lines: readonly (readonly (string | undefined)[])[]): string {
  const rows = lines.map((cells) => `| ${cells.join(' | ')} |`);
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows].join('\n');
}
