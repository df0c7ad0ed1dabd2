/**
 * Checks of what a user declared. A check gathers every contradiction of one construct and throws once, naming the
 * construct's path, so that a declaration with three mistakes is corrected in one round. It never judges tokens.
 */
import { type Duration, type Size, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export class Check {
  private readonly errors: string[] = [];

  constructor(private readonly scope: IConstruct) {}

  /** Notes the message unless the fact holds. */
  public that(fact: boolean, message: string): void {
    if (!fact) this.errors.push(message);
  }

  /** An integer within bounds, when it is given and known at synth. */
  public integer(name: string, value: number | undefined, least: number, most = Number.MAX_SAFE_INTEGER): void {
    if (!isKnown(value)) return;
    const allowed = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    this.that(
      Number.isInteger(value) && value >= least && value <= most,
      `${name} must be an integer ${allowed} (got ${value})`,
    );
  }

  /** A size that is known at synth, or stands in the unit in which it is rendered: a token cannot be converted. */
  public size(name: string, size: Size | undefined, unit: 'bytes' | 'mebibytes' | 'gibibytes'): void {
    if (!size?.isUnresolved()) return;
    this.that(
      String(size).startsWith(`Size.${unit}(`),
      `${name} is known at deployment only and cannot be converted: give it as Size.${unit}()`,
    );
  }

  /** A duration of whole seconds; `why` says what would have to be known of one that only the deployment knows. */
  public seconds(name: string, value: Duration | undefined, why: string, least: number, most?: number): void {
    this.that(!value?.isUnresolved(), `${name} must be known at synth: ${why}`);
    if (value?.isUnresolved()) return;
    this.integer(`${name} in seconds`, value?.toSeconds({ integral: false }), least, most);
  }

  /** A share above 0 and up to 1; `why` as above. */
  public share(name: string, value: number | undefined, why: string): void {
    this.that(!Token.isUnresolved(value), `${name} must be known at synth: ${why}`);
    if (!isKnown(value)) return;
    this.that(value > 0 && value <= 1, `${name} must be above 0 and at most 1 (got ${value})`);
  }

  /** Throws all that was noted. */
  public done(): void {
    if (this.errors.length === 0) return;
    throw new Error(this.errors.map((error) => `[${this.scope.node.path}] ${error}`).join('\n'));
  }
}

/** Whether a value is given and known at synth. */
export function isKnown<T extends string | number>(value: T | undefined): value is T {
  return value !== undefined && !Token.isUnresolved(value);
}
