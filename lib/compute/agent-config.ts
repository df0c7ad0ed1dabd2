/** What the ECS agent of an instance is told in `/etc/ecs/ecs.config`. */
import { UserData } from 'aws-cdk-lib/aws-ec2';
import type { FleetPlan } from './fleet-plan';
import { AGENT_MEMORY } from './machine';

const FILE = '/etc/ecs/ecs.config';

export function agentUserData(plan: FleetPlan): UserData {
  const userData = UserData.forLinux();
  const settings = Object.entries({ ...ALWAYS, ...settingsOf(plan) });
  userData.addCommands(...settings.map(([name, value]) => `echo ${name}=${value} >> ${FILE}`));
  return userData;
}

const ALWAYS = {
  ECS_RESERVED_MEMORY: String(AGENT_MEMORY),
  // A replica must not act as its instance.
  ECS_AWSVPC_BLOCK_IMDS: 'true',
  // Lines go to CloudWatch by the execution role, as on Fargate: the instance's has no right to any log.
  ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE: 'true',
  // An image is pulled once. `prefer-cached` would too, and would never take away an old one until the disk is full.
  ECS_IMAGE_PULL_BEHAVIOR: 'once',
  // What a replica wrote goes with it, and not three hours later: the disk is everybody's.
  ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION: '10m',
};

function settingsOf({ hasGpus, spot, warmInstances }: FleetPlan): Record<string, string> {
  return {
    ...(hasGpus && {
      ECS_ENABLE_GPU_SUPPORT: 'true',
      // The version before is still there for a rollback, whose images take minutes to pull.
      ECS_IMAGE_MINIMUM_CLEANUP_AGE: '24h',
    }),
    ...(spot && { ECS_ENABLE_SPOT_INSTANCE_DRAINING: 'true' }),
    // One that is kept stopped must not take replicas while it is made ready.
    ...(warmInstances > 0 && { ECS_WARM_POOLS_CHECK: 'true' }),
  };
}
