/** Whether a range of addresses is, for all that it matters, everybody. */
import { Token } from 'aws-cdk-lib';

/** The widest networks that somebody owns: 10.0.0.0/8, fd00::/8. Two halves of the internet are the internet. */
const SHORTEST_PREFIX = 8;

/** What the CDK has for the range of a VPC until it has looked it up. */
const NOT_LOOKED_UP = '1.2.3.4/5';

/** Never judges a token, nor what is no range: a security group, a prefix list. */
export function isEverybody(range: string): boolean {
  if (Token.isUnresolved(range) || range === NOT_LOOKED_UP) return false;
  const [, prefix] = /^[0-9a-f.:]+\/(\d+)$/i.exec(range) ?? [];
  return prefix !== undefined && Number(prefix) < SHORTEST_PREFIX;
}
