/**
 * The CDK app of this repository: every example, checked by cdk-nag and by the library's own rules. A folder under
 * `examples/` takes part by a `stack.ts` whose default export is a construct of the app's: a stack, or a stage with
 * several.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Environment, Validations } from 'aws-cdk-lib';
import { ModelServingChecks } from 'cdk-model-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';

type ExampleClass = new (scope: Construct, id: string, props?: { readonly env?: Environment }) => Construct;

const EXAMPLES = join(__dirname, '..', 'examples');

async function main(): Promise<void> {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ModelServingChecks(app));
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  for (const name of readdirSync(EXAMPLES).sort()) {
    const file = join(EXAMPLES, name, 'stack.ts');
    if (!existsSync(file)) continue;
    const { default: Example } = (await import(file)) as { default: ExampleClass };
    new Example(app, `${name}-example`, { env: { account, region } });
  }
  app.synth();
}

void main();
