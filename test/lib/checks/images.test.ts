/** The rule of image tags. */
import { join } from 'node:path';
import { CfnParameter, type Stack } from 'aws-cdk-lib';
import { Repository, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { type CfnTaskDefinition, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ModelHandler } from 'cdk-model-api';
import { expect, test } from 'vitest';
import { stackIn } from '../declaration';
import { checkedApp, found, foundIn, foundInBuilt, ours } from './checked';
import { DIGEST, foreignIn } from './foreign';

const OURS = 'MutableTag Stack/Api/Task/Definition/Resource';
const THEIRS = 'MutableTag Stack/Task/Resource';

const foreign = (imageIn: (stack: Stack) => ContainerImage) =>
  found((stack) => foreignIn(stack, { container: { image: imageIn(stack) } }));
const registry = (name: string) => foreign(() => ContainerImage.fromRegistry(name));
const api = (handlerIn: (stack: Stack) => ModelHandler) =>
  foundInBuilt((stack) => ours(stack, { handler: handlerIn(stack) }));

test('an image that the CDK builds is what its content is', () => {
  expect(foundInBuilt((stack) => ours(stack))).toEqual([]);
  expect(foreign(() => ContainerImage.fromAsset(join(import.meta.dirname, 'image')))).toEqual([]);
});

test('a digest never means another image', () => {
  const theirs = (stack: Stack) => Repository.fromRepositoryName(stack, 'Repository', 'model');
  expect(api((stack) => ModelHandler.fromEcr(theirs(stack), DIGEST))).toEqual([]);
  expect(foreign((stack) => ContainerImage.fromEcrRepository(theirs(stack), DIGEST))).toEqual([]);
  expect(registry(`registry.example:5000/server:v1@${DIGEST}`)).toEqual([]);
});

test('a tag may, and so may no tag', () => {
  const theirs = (stack: Stack) => Repository.fromRepositoryName(stack, 'Repository', 'model');
  expect(api((stack) => ModelHandler.fromEcr(theirs(stack), 'v7'))).toEqual([`error ${OURS}`]);
  expect(foreign((stack) => ContainerImage.fromEcrRepository(theirs(stack)))).toEqual([`error ${THEIRS}`]);
  expect(registry('registry.example:5000/server')).toEqual([`error ${THEIRS}`]);
  expect(registry('server')).toEqual([`error ${THEIRS}`]);
  expect(registry('server:latest')).toEqual([`error ${THEIRS}`]);
});

test.each([
  [TagMutability.IMMUTABLE, []],
  [TagMutability.MUTABLE, [`error ${OURS}`]],
])('a tag in a repository of this app is as the repository says: %s', (imageTagMutability, expected) => {
  const own = (stack: Stack) => new Repository(stack, 'Repository', { imageTagMutability });
  expect(api((stack) => ModelHandler.fromEcr(own(stack), 'v7'))).toEqual(expected);
});

test('containers beside the model are judged too', () => {
  const extraContainers = { collector: { image: ContainerImage.fromRegistry('registry.example/collector:latest') } };
  expect(found((stack) => ours(stack, { extraContainers }))).toEqual([`error ${OURS}`]);
});

test('what only the deployment knows is not judged', () => {
  const tagged = (stack: Stack) => {
    const { valueAsString: tag } = new CfnParameter(stack, 'Tag');
    return ContainerImage.fromRegistry(`registry.example/server:${tag}`);
  };
  expect(foreign(tagged)).toEqual([`info ${THEIRS}`]);
  const suffixed = (stack: Stack) => {
    const { valueAsString: name } = new CfnParameter(stack, 'Name');
    return ContainerImage.fromRegistry(`${name}-gpu`);
  };
  expect(foreign(suffixed)).toEqual([`info ${THEIRS}`]);
});

test('a name by Fn::Sub is read as far as it is known', () => {
  const override = (image: string) =>
    found((stack) => {
      const { taskDefinition } = foreignIn(stack);
      const path = 'ContainerDefinitions.0.Image';
      (taskDefinition.node.defaultChild as CfnTaskDefinition).addPropertyOverride(path, { 'Fn::Sub': image });
    });
  const registryOfAccount = ['$', '{AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com'].join('');
  expect(override(`${registryOfAccount}/server:v7`)).toEqual([`error ${THEIRS}`]);
  expect(override(`${registryOfAccount}/server@${DIGEST}`)).toEqual([]);
  expect(override(`${registryOfAccount}/server:\${Tag}`)).toEqual([`info ${THEIRS}`]);
});

test('an image that a test has stubbed stands for one that is built', () => {
  const app = checkedApp();
  const stack = stackIn(app);
  ours(stack);
  expect(foundIn(stack)).toEqual([]);
});
