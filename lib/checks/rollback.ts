/** A version that never becomes ready is started again and again, for hours, and nothing brings the old one back. */
import { found, notJudged, type Rule, type Verdict } from './rule';
import type { ServedService } from './served-service';

export const rollback: Rule = {
  name: 'NoRollback',
  level: 'warning',
  why: 'A version that never becomes ready is started over and over while CloudFormation waits for it, for up to three hours; where a circuit breaker only stops that, the failed version stays until somebody brings the old one back.',
  remedy: {
    ours: 'Take away what overrides the circuit breaker: a ModelApi has it on, and goes back.',
    others: 'Set circuitBreaker: { rollback: true } of the service.',
  },
  judge,
};

const PROPERTY = 'DeploymentConfiguration';

function judge({ service }: ServedService): Verdict[] {
  const controller = service.at('DeploymentController', 'Type');
  const breaker = service.at(PROPERTY, 'DeploymentCircuitBreaker');
  // Others than that of Amazon ECS have their own ways back.
  if (controller.isGiven && controller.text !== 'ECS') return [];
  const answers = ['Enable', 'Rollback'].map((name) => breaker.at(name));
  if (answers.some(({ isOpen }) => isOpen)) {
    return [notJudged(service, PROPERTY, 'Whether a failed deployment is taken back is known at deployment only')];
  }
  if (answers.every(({ flag }) => flag === true)) return [];
  const [isOn] = answers.map(({ flag }) => flag === true);
  const says = isOn
    ? 'The circuit breaker stops a failed deployment and does not take it back'
    : 'The service has no deployment circuit breaker';
  return [found(service, PROPERTY, says)];
}
