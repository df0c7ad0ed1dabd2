/** Where the code of a model comes from: what each source answers when it is bound. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { ModelHandler } from '../../lib/model-handler';
import { modelFolder, PREDICT, synthesize, temporaryFolder } from './image/model-folder';

/** The template of a task that runs the handler's image. */
function taskOf(make: (stack: Stack) => ModelHandler): Template {
  const stack = new Stack(new App({ outdir: temporaryFolder() }), 'Models');
  const { image } = make(stack)._bind(stack, { platform: Platform.LINUX_AMD64 });
  new FargateTaskDefinition(stack, 'Task').addContainer('Model', { image });
  return Template.fromStack(stack);
}

describe('fromDirectory', () => {
  test('answers the samples and the concurrency that it was told', () => {
    const folder = modelFolder({ ...PREDICT, 'samples/one.json': '{"input": {"x": 1}, "output": 1}' });
    const stack = new Stack(new App({ outdir: temporaryFolder() }), 'Models');
    const handler = ModelHandler.fromDirectory(folder, { concurrency: 3 });
    const { samples, concurrency } = handler._bind(stack, { platform: Platform.LINUX_ARM64 });
    expect({ samples, concurrency }).toEqual({
      samples: [{ name: 'one', input: { x: 1 }, output: 1 }],
      concurrency: 3,
    });
  });
});

describe('fromDockerfile', () => {
  const dockerfileOf = (files: Record<string, string>, options = {}) => {
    const { images } = synthesize([ModelHandler.fromDockerfile(modelFolder({ ...PREDICT, ...files }), options)]);
    return readFileSync(join(Object.values(images)[0].folder, 'Dockerfile'), 'utf8');
  };

  test("the user's file continues ours, with line feeds only", () => {
    const text = dockerfileOf({ Dockerfile: 'FROM model-api\r\nUSER root\r\n' });
    expect(text).toMatch(/FROM base AS model-api\n[\s\S]*\nFROM model-api\nUSER root\n$/);
  });

  test('another file than Dockerfile can be named', () => {
    expect(dockerfileOf({ 'gpu.Dockerfile': 'FROM model-api AS gpu\n' }, { file: 'gpu.Dockerfile' })).toMatch(
      /AS gpu\n$/,
    );
  });

  test('a file that starts elsewhere is refused', () => {
    expect(() => dockerfileOf({ Dockerfile: 'FROM python:3.12\n' })).toThrow(
      /Dockerfile does not continue our image: start a stage with `FROM model-api`/,
    );
  });

  test('a missing file names the directory', () => {
    expect(() => dockerfileOf({})).toThrow(/there is no Dockerfile in .*: add it, or use ModelHandler\.fromDirectory/);
  });
});

describe('images that exist already', () => {
  test('fromEcr lets the task pull from the repository', () => {
    const template = taskOf((stack) => ModelHandler.fromEcr(new Repository(stack, 'Models'), 'v7'));
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: Match.arrayWith(['ecr:BatchGetImage']), Effect: 'Allow' }),
        ]),
      },
    });
    expect(JSON.stringify(template.toJSON())).toContain(':v7');
  });

  test('fromImage runs the image as it is', () => {
    const template = taskOf(() => ModelHandler.fromImage(ContainerImage.fromRegistry('registry.example/iris:1')));
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ Image: 'registry.example/iris:1' })],
    });
  });
});
