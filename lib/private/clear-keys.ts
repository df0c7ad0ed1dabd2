/** Warns of keys that anybody on the way of a request can read: those that replicas compare, over plain HTTP. */
import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Entry } from '../platform/entry';

export function warnOfClearKeys(api: IConstruct, { auth, url }: Pick<Entry, 'auth' | 'url'>): void {
  if (!auth.apiKeys || url.startsWith('https:')) return;
  Annotations.of(api).addWarningV2(
    'cdk-model-api:keysInTheClear',
    `callers of ${auth.name} send their keys over plain HTTP, where anybody on the way can read them: use Access.public(), or Access.custom() with { authenticate: (next) => next }, which is HTTPS inside the VPC; or give the platform a listener that speaks HTTPS`,
  );
}
