/** What was said of a rule on a construct, or on anything above it. */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The CDK takes an id without the name of a plugin for one of its own annotations. */
const ANNOTATION = /^annotation::/i;

/** Whether the bare id was acknowledged. One with the name of the pack before it, the CDK itself finds. */
export function isAcknowledged(construct: IConstruct, id: string): boolean {
  return construct.node.scopes
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .some(({ data }) => Object.keys(data ?? {}).some((key) => key.replace(ANNOTATION, '') === id));
}
