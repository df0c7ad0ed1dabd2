/**
 * What is wrong with a model directory, collected while it is read: all errors are told at once, each with its fix,
 * and warnings carry an id by which they can be acknowledged. Says nothing itself; whoever reads the directory does.
 */

export interface Warning {
  /** Public: users acknowledge a warning by it. */
  readonly id: string;
  readonly message: string;
}

export class Findings {
  readonly errors: string[] = [];
  readonly warnings: Warning[] = [];

  error(message: string): void {
    this.errors.push(message);
  }

  warning(id: string, message: string): void {
    this.warnings.push({ id: `cdk-model-api:${id}`, message });
  }
}
