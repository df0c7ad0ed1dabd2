/** A role that another stack of the app defines, as this stack sees it. */
import { Stack } from 'aws-cdk-lib';
import { type CfnRole, type IRole, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * What is granted to it then stands in the scope's stack. A policy beside the role would have to name what is granted,
 * such as a log group of the scope's stack, which depends on the role's. A role that must not be changed stays so.
 */
export function roleFor(scope: Construct, id: string, role?: IRole): IRole | undefined {
  if (role === undefined || !Role.isRole(role) || Stack.of(role) === Stack.of(scope)) return role;
  const { path } = role.node.defaultChild as CfnRole;
  // By its name it is known to be of this account; by its ARN it might be of another, and secrets would name it too.
  return path === undefined ? Role.fromRoleName(scope, id, role.roleName) : Role.fromRoleArn(scope, id, role.roleArn);
}
