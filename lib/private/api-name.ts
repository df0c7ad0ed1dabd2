/** The name of an API: given, or made of the stack's name and the construct's path. No two APIs may have the same. */
import { Names, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { Check } from './check';
import { claimsOn } from './claims';

export function apiNameOf(scope: IConstruct, apiName?: string): string {
  return apiName ?? Names.uniqueResourceName(scope, { maxLength: 200, separator: '-' });
}

/** Metrics know an API by its name, its account and its region. */
type Place = Pick<Stack, 'account' | 'region'>;

/** The API's name, unless another API of this app has it where their metrics may meet. */
export function claimedNameOf(api: IConstruct, given?: string): string {
  const apiName = apiNameOf(api, given);
  if (!Token.isUnresolved(apiName)) claim(api, apiName);
  return apiName;
}

function claim(api: IConstruct, apiName: string): void {
  const claims = claimsOn<Place>(api, apiName, 'apiName');
  const place = Stack.of(api);
  const check = new Check(api);
  for (const [path, other] of claims) {
    check.that(
      !mayBeSame(place.account, other.account) || !mayBeSame(place.region, other.region),
      `apiName ${JSON.stringify(apiName)} is that of ${path} too, and the two would share metrics, alarms and what they scale by: give one of them another apiName`,
    );
  }
  check.done();
  claims.set(api.node.path, place);
}

function mayBeSame(one: string, other: string): boolean {
  return one === other || Token.isUnresolved(one) || Token.isUnresolved(other);
}
