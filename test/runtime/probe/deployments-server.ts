/** Stands in for the two calls by which Amazon ECS tells what a deployment is about. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LifecycleEvent } from '../../../runtime/probe/rollout/event';

const ARN = 'arn:aws:ecs:eu-west-1:123456789012';
const SERVICE = 'cluster/service';
const GREEN = `${ARN}:service-revision/${SERVICE}/2`;
const BLUE = `${ARN}:service-revision/${SERVICE}/1`;

export interface Deployments {
  readonly endpoint: string;
  /** As ECS sends it after it has started the new replicas. */
  readonly event: LifecycleEvent;
  /** The target group of each version; `blue` is a key as soon as there was a version before. */
  versions: { readonly green?: string; readonly blue?: string };
  /** Replicas of the new version that are asked for. */
  requested: number;
  /** The number of the task definition of each. */
  numbers: { green: number; blue: number };
  isDown: boolean;
  close(): void;
}

export async function deploymentsServer(): Promise<Deployments> {
  const server = createServer((request, response) => {
    request.resume();
    if (deployments.isDown) return void response.writeHead(400).end('{"__type":"AccessDeniedException"}');
    const operation = String(request.headers['x-amz-target']).split('.')[1] as keyof typeof OPERATIONS;
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(OPERATIONS[operation](deployments)));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const deployments: Deployments = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    event: {
      lifecycleStage: 'POST_SCALE_UP',
      resourceArn: `${ARN}:service-deployment/${SERVICE}/7`,
      executionDetails: { serviceArn: `${ARN}:service/${SERVICE}`, targetServiceRevisionArn: GREEN },
    },
    versions: {},
    requested: 1,
    numbers: { green: 2, blue: 1 },
    isDown: false,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return deployments;
}

const OPERATIONS = {
  DescribeServiceDeployments: ({ versions, requested }: Deployments) => ({
    serviceDeployments: [
      {
        targetServiceRevision: { arn: GREEN, requestedTaskCount: requested },
        sourceServiceRevisions: 'blue' in versions ? [{ arn: BLUE }] : [],
      },
    ],
  }),
  DescribeServiceRevisions: ({ versions: { green, blue }, numbers }: Deployments) => ({
    serviceRevisions: [revision(GREEN, green, numbers.green), revision(BLUE, blue, numbers.blue)],
  }),
};

function revision(serviceRevisionArn: string, targetGroupArn: string | undefined, number: number) {
  const loadBalancers = targetGroupArn === undefined ? [] : [{ targetGroupArn }];
  const taskDefinition = `${ARN}:task-definition/iris:${number}`;
  return { serviceRevisionArn, taskDefinition, resolvedConfiguration: { loadBalancers } };
}
