/** Every variant and every example as an app of its own, for tests that judge all templates of all of them. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { App, Environment } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENV } from './declaration';
import { VARIANTS } from './variants';

// biome-ignore lint/suspicious/noExplicitAny: a template is as CloudFormation has it.
export type Json = any;
export type Declare = (app: App) => unknown;

/** A template with what it is called in messages. */
export interface StackTemplate {
  readonly stack: string;
  readonly template: Json;
}

export interface Resource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Json;
}

const EXAMPLES = join(import.meta.dirname, '../../examples');
type ExampleClass = new (scope: Construct, id: string, props?: { env?: Environment }) => Construct;

async function exampleApps(): Promise<[string, Declare][]> {
  const names = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'stack.ts')));
  const classes = names.map(async (name): Promise<[string, Declare]> => {
    const { default: Example } = (await import(`../../examples/${name}/stack.ts`)) as { default: ExampleClass };
    return [`examples/${name}`, (app) => new Example(app, 'Example', { env: ENV })];
  });
  return Promise.all(classes);
}

export const WHOLE_APPS: readonly [string, Declare][] = [...Object.entries(VARIANTS), ...(await exampleApps())];

/** The templates of all stacks, those of stages too. */
export function templatesOf(app: App): StackTemplate[] {
  const { stacksRecursively } = app.synth();
  return stacksRecursively.map(({ stackName, template }) => ({ stack: stackName, template }));
}

/** The resources of one type, or of all. */
export function resourcesIn(templates: readonly StackTemplate[], type?: string): Resource[] {
  const all = templates.flatMap(({ stack, template }) =>
    Object.entries<Json>(template.Resources ?? {}).map(([id, resource]) => ({
      stack,
      id,
      type: resource.Type as string,
      properties: resource.Properties ?? {},
    })),
  );
  return type === undefined ? all : all.filter((resource) => resource.type === type);
}

/** A text with its references as `<LogicalId>`, so that JSON in it can be read. */
export function asText(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const join = value['Fn::Join'];
  if (join) return join[1].map(asText).join(join[0]);
  return `<${value.Ref ?? value['Fn::GetAtt']?.join('.') ?? Object.keys(value)[0]}>`;
}
