/**
 * Reads a synthesized cloud assembly: every stack of it, those of stages and nested ones too, as plain JSON. Nothing is
 * asked of AWS, and the CDK need not be installed.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { usageFailure } from '../failure';
import { shownPath } from '../ui/problem';

// biome-ignore lint/suspicious/noExplicitAny: a template is as CloudFormation has it.
export type Json = any;

export interface Resource {
  readonly type: string;
  readonly properties: Json;
}

export interface Stack {
  /** As `cdk list` shows it; of a nested stack that of its parent and its logical id. */
  readonly name: string;
  /** As CloudFormation has it. */
  readonly deployedAs: string;
  /** Not known where the stack may be deployed to any. */
  readonly region?: string;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly outputs: Json;
  /** The path of a resource's construct, where the assembly tells it. */
  readonly paths: ReadonlyMap<string, string>;
  /** Stacks that are deployed before this one because it says or needs so. */
  readonly dependencies: Stack[];
  /** Stacks inside this one, by the logical id of their resource. */
  readonly nested: Map<string, Stack>;
  /** Where this is a nested stack: the one around it, and its resource there. */
  readonly around?: { readonly stack: Stack; readonly id: string };
}

/** Every stack, a nested one after the one around it. */
export function readAssembly(folder: string): Stack[] {
  if (!existsSync(folder)) {
    throw usageFailure('no_assembly', `There is no cloud assembly ${shownPath(folder)}.`, {
      hint: 'Synthesize it first: npx cdk synth. Or give the directory: npx cdk-model-api cost OUTPUT_DIRECTORY',
    });
  }
  if (!statSync(folder).isDirectory() || !existsSync(join(folder, 'manifest.json'))) {
    throw usageFailure('no_assembly', `${shownPath(folder)} is no cloud assembly: it holds no manifest.json.`, {
      hint: 'Give the directory that "npx cdk synth" writes, cdk.out where nothing else is said.',
    });
  }
  return stacksIn(folder);
}

function stacksIn(folder: string): Stack[] {
  const artifacts = Object.entries<Json>(readJson(join(folder, 'manifest.json')).artifacts ?? {});
  const byId = new Map<string, Stack>();
  const all: Stack[] = [];
  for (const [id, artifact] of artifacts) {
    if (artifact.type === 'cdk:cloud-assembly') all.push(...stacksIn(join(folder, artifact.properties.directoryName)));
    if (artifact.type !== 'aws:cloudformation:stack') continue;
    const stack = stackOf(folder, id, artifact);
    byId.set(id, stack);
    all.push(...withNested(folder, stack));
  }
  for (const [id, { dependencies = [] }] of artifacts) {
    for (const before of dependencies) {
      const other = byId.get(before);
      if (other) byId.get(id)?.dependencies.push(other);
    }
  }
  return all;
}

/** Without the metadata that says in which file a nested stack's template is, its resource stays one among others. */
interface FileStack extends Stack {
  readonly nestedFiles: ReadonlyMap<string, string>;
}

function stackOf(folder: string, id: string, artifact: Json): FileStack {
  const { properties, environment = '', additionalMetadataFile, displayName = id } = artifact;
  const [, region] = /^aws:\/\/[^/]+\/(.+)$/.exec(environment) ?? [];
  const metadata = {
    ...artifact.metadata,
    ...(additionalMetadataFile && readJson(join(folder, additionalMetadataFile))),
  };
  return fileStack(folder, properties.templateFile, {
    name: displayName,
    deployedAs: properties.stackName ?? id,
    region: region === 'unknown-region' ? undefined : region,
    paths: pathsIn(metadata),
  });
}

function fileStack(
  folder: string,
  file: string,
  known: Omit<Stack, 'resources' | 'outputs' | 'dependencies' | 'nested'>,
): FileStack {
  const template = readJson(join(folder, file));
  const entries = Object.entries<Json>(template.Resources ?? {});
  const ownPaths = entries.flatMap(([id, { Metadata }]): [string, string][] => {
    const path = Metadata?.['aws:cdk:path'];
    return path ? [[id, path]] : [];
  });
  const nestedFiles = entries.flatMap(([id, { Type, Metadata }]): [string, string][] => {
    const path = Metadata?.['aws:asset:path'];
    return Type === 'AWS::CloudFormation::Stack' && path ? [[id, path]] : [];
  });
  return {
    ...known,
    resources: new Map(entries.map(([id, { Type, Properties = {} }]) => [id, { type: Type, properties: Properties }])),
    outputs: template.Outputs ?? {},
    paths: new Map([...known.paths, ...ownPaths]),
    dependencies: [],
    nested: new Map(),
    nestedFiles: new Map(nestedFiles),
  };
}

function withNested(folder: string, stack: FileStack): Stack[] {
  const inside = [...stack.nestedFiles].flatMap(([id, file]) => {
    const { region, paths, deployedAs } = stack;
    const name = `${stack.name}/${id}`;
    const nested = fileStack(folder, file, { name, deployedAs, region, paths, around: { stack, id } });
    stack.nested.set(id, nested);
    return withNested(folder, nested);
  });
  return [stack, ...inside];
}

/** Logical id → construct path, from the entries that the CDK writes for every resource. */
function pathsIn(metadata: Json): Map<string, string> {
  const entries = Object.entries<Json>(metadata).flatMap(([path, notes]) =>
    notes
      .filter(({ type }: Json) => type === 'aws:cdk:logicalId')
      .map(({ data }: Json): [string, string] => [data, path.replace(/^\//, '')]),
  );
  return new Map(entries);
}

function readJson(file: string): Json {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw usageFailure('broken_assembly', `${shownPath(file)} cannot be read: ${(error as Error).message}.`, {
      hint: 'Synthesize again: npx cdk synth',
    });
  }
}
