/** What gateway and volumes need of the task's role. What the handler needs is for the user to grant. */
import { Annotations } from 'aws-cdk-lib';
import { type IRole, LazyRole, Policy, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** Adds them to the role's policy, or says of a role that nobody may change what it has to have. */
export function permit(scope: Construct, role: IRole, permissions: readonly PolicyStatementProps[]): void {
  for (const permission of permissions) role.addToPrincipalPolicy(new PolicyStatement(permission));
  if (permissions.length > 0 && !hasPolicy(role)) warnOfImmutable(scope, role, permissions);
}

/** An immutable role answers that a statement was added, and is known by having no policy afterwards. */
function hasPolicy(role: IRole): boolean {
  return role instanceof LazyRole || role.node.findAll().some((child) => child instanceof Policy);
}

function warnOfImmutable(scope: Construct, role: IRole, permissions: readonly PolicyStatementProps[]): void {
  const actions = new Set(permissions.flatMap((permission) => permission.actions ?? []));
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:immutableTaskRole',
    `taskRole ${role.node.path} must not be changed and was given nothing. Where it is defined, allow it what apiKeys and volumes need, or replicas do not become ready: ${[...actions].join(', ')}`,
  );
}
