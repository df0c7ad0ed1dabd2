/**
 * Nothing makes a GPU predict once before callers do. A replica of ours sends its samples through the model; of anybody
 * else's the templates show two ways by which it can be ready before it is called: a readiness route of its own that the
 * load balancer asks, or a slow start of the target group. Where neither is there, any answer makes it ready at once.
 */
import type { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { ModelImage } from '../image/model-image';
import type { Property } from './property';
import type { Resource } from './resources';
import { found, notJudged, type Rule, type Verdict } from './rule';
import type { ServedService } from './served-service';

export const gpuWarmUp: Rule = {
  name: 'GpuWithoutWarmUp',
  level: 'warning',
  why: 'The first prediction on a GPU makes its context, loads kernels and tunes them: it takes seconds to minutes where the next ones take milliseconds, and whoever calls a new replica first waits or gets an error. That is at every deployment and every scale-out.',
  remedy: {
    ours: 'Give the model directory samples (samples/*.json) and leave warmUp on. Acknowledge where an image that was built elsewhere has them.',
    others:
      'Let the server predict once before a readiness route answers 200, and name that route as the path of the health check; or give the target group a slow start.',
  },
  judge,
};

const CONTAINERS = 'ContainerDefinitions';

function judge(served: ServedService): Verdict[] {
  if (!served.containers.some(hasGpu)) return [];
  return served.overlay ? judgeOurs(served) : judgeForeign(served);
}

function hasGpu(container: Property): boolean {
  return container.at('ResourceRequirements').items.some((requirement) => requirement.at('Type').text === 'GPU');
}

function judgeOurs({ service, taskDefinition = service, containers, overlay }: ServedService): Verdict[] {
  if (overlay?.warmUp === false) return [found(taskDefinition, CONTAINERS, 'Replicas have a GPU, and warmUp is off')];
  const image = imageOf(service, containers);
  if (!image) {
    const says = 'Replicas have a GPU, and whether their image has samples to warm up with is known where it was built';
    return [notJudged(taskDefinition, CONTAINERS, says)];
  }
  if (image.samples.length > 0) return [];
  return [
    found(taskDefinition, CONTAINERS, 'Replicas have a GPU, and the model directory has no samples to warm up with'),
  ];
}

/** By the hash of its asset, which stands in the image's name. */
function imageOf({ construct }: Resource, containers: readonly Property[]): ModelImage | undefined {
  const images = construct.node.root.node.findAll().filter((one) => one instanceof ModelImage);
  return images.find((image) => {
    const asset = image.node.tryFindChild('Asset') as DockerImageAsset | undefined;
    return asset !== undefined && containers.some((one) => one.at('Image').mentions(asset.assetHash));
  });
}

function judgeForeign({ service, isBehindLoadBalancer, knowsTargetGroups, targetGroups }: ServedService): Verdict[] {
  if (!isBehindLoadBalancer) return [];
  if (!knowsTargetGroups) {
    return [
      notJudged(
        service,
        'LoadBalancers',
        'Replicas have a GPU, and when they are ready their target group says, which is not of this app',
      ),
    ];
  }
  return targetGroups.flatMap(judgeReadiness);
}

function judgeReadiness(group: Resource): Verdict[] {
  const path = group.at('HealthCheckPath');
  const slowStart = group.at('TargetGroupAttributes').valueOf('slow_start.duration_seconds');
  if (asks(group, path) || (slowStart.number ?? 0) > 0) return [];
  if (path.isOpen || slowStart.isOpen) {
    return [
      notJudged(group, 'HealthCheckPath', 'Replicas have a GPU, and when they are ready is known at deployment only'),
    ];
  }
  const asked = path.text === undefined ? 'no path' : `the path ${path.text}`;
  const says = `Replicas have a GPU, and are ready when anything answers: the health check has ${asked}, and there is no slow start`;
  return [found(group, 'HealthCheckPath', says)];
}

/** The root of a server is there as soon as it listens; what has a path of its own was written to know more. */
function asks(group: Resource, { text }: Property): boolean {
  return text !== undefined && text !== '/' && group.at('HealthCheckProtocol').text !== 'TCP';
}
