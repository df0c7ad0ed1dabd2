/**
 * Findings of cdk-nag that were judged, with the reason beside them, recorded on the construct that causes them.
 * The CDK keeps them without cdk-nag being installed.
 */
import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Records why a rule of the AwsSolutions pack, such as `ELB2`, does not apply to the construct and its children. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/** The ARN of every resource of a kind in the construct's region, as cdk-nag prints it in what it found. */
export function everyArn(construct: IConstruct, service: string, resource: string): string {
  const { partition, region, account } = Stack.of(construct);
  const place = [printed(partition, 'Partition'), service, printed(region, 'Region'), printed(account, 'AccountId')];
  return `arn:${place.join(':')}:${resource}/*`;
}

/** What only the deployment knows is printed by the name of its parameter. */
function printed(value: string, parameter: string): string {
  return Token.isUnresolved(value) ? `<AWS::${parameter}>` : value;
}
