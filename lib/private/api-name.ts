/** The name of an API that was given none: the stack's name and the construct's path. */
import { Names } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export function apiNameOf(scope: IConstruct, apiName?: string): string {
  return apiName ?? Names.uniqueResourceName(scope, { maxLength: 200, separator: '-' });
}
