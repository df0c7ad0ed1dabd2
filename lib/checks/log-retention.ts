/** Logs that are kept for ever are paid for ever, and inputs of models are often about people. */
import type { Property } from './property';
import type { Resource } from './resources';
import { found, notJudged, type Rule, type Verdict } from './rule';
import type { ServedService } from './served-service';

export const logRetention: Rule = {
  name: 'LogsKeptForever',
  level: 'warning',
  why: 'Storage grows with every request and is never given back; and what a handler prints of its inputs stays readable after the day by which it should have been deleted.',
  remedy: {
    ours: 'Set logRetention of the ModelApi, and give extraContainers that log elsewhere a log group with a retention.',
    others:
      'Set retention of the log group, and give awslogs one of this app (logGroup) rather than one that the agent makes.',
  },
  judge,
};

function judge(served: ServedService): Verdict[] {
  const { taskDefinition } = served;
  if (!taskDefinition) return [];
  const options = served.containers
    .filter((container) => container.at('LogConfiguration', 'LogDriver').text === 'awslogs')
    .map((container) => container.at('LogConfiguration', 'Options'));
  return options.flatMap((one) => judgeGroup(taskDefinition, one, served.resources.of('logGroup')));
}

function judgeGroup(taskDefinition: Resource, options: Property, groups: readonly Resource[]): Verdict[] {
  const named = options.at('awslogs-group');
  const group = groups.find(
    (one) => one.path === named.target || (named.text !== undefined && one.at('LogGroupName').text === named.text),
  );
  if (group) {
    if (group.at('RetentionInDays').isGiven) return [];
    return [found(group, 'RetentionInDays', 'The log group has no retention')];
  }
  if (options.at('awslogs-create-group').flag === true) {
    return [
      found(taskDefinition, 'ContainerDefinitions', 'The log group is made by the first replica, without a retention'),
    ];
  }
  const says = 'How long logs are kept is not said by this app, or known at deployment only';
  return [notJudged(taskDefinition, 'ContainerDefinitions', says)];
}
