/**
 * Findings of cdk-nag that were judged, with the reason beside them, recorded on the construct that causes them.
 * The CDK keeps them without cdk-nag being installed.
 */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Records why a rule of the AwsSolutions pack, such as `ELB2`, does not apply to the construct and its children. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}
