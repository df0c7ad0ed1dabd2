/** Containers beside the model's. */
import { Lazy, Size } from 'aws-cdk-lib';
import { ContainerImage, LogDriver, Protocol } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { Compute, type ModelApiProps } from '../../../lib';
import { declared, only } from '../declaration';

describe('extra containers', () => {
  const image = ContainerImage.fromRegistry('registry.example/collector');

  function containersOf(extraContainers: ModelApiProps['extraContainers']) {
    return only(declared({ extraContainers }), 'AWS::ECS::TaskDefinition').ContainerDefinitions;
  }

  test('run beside the model, as they are described', () => {
    const [api, collector] = containersOf({
      collector: { image, essential: false, cpu: 128, memoryLimitMiB: 256, portMappings: [{ containerPort: 4317 }] },
    });
    expect(api.Name).toBe('api');
    expect(collector).toMatchObject({
      Name: 'collector',
      Image: 'registry.example/collector',
      Essential: false,
      Cpu: 128,
      Memory: 256,
      PortMappings: [{ ContainerPort: 4317, Protocol: 'tcp' }],
    });
  });

  test("log to the API's group, each in streams of its own, unless they say otherwise", () => {
    const [api, collector, apart] = containersOf({
      collector: { image },
      apart: { image, logging: LogDriver.awsLogs({ streamPrefix: 'elsewhere' }) },
    });
    const options = collector.LogConfiguration.Options;
    expect(options).toEqual({ ...api.LogConfiguration.Options, 'awslogs-stream-prefix': 'collector' });
    expect(apart.LogConfiguration.Options['awslogs-stream-prefix']).toBe('elsewhere');
    expect(apart.LogConfiguration.Options['awslogs-group']).not.toEqual(options['awslogs-group']);
  });

  test('may be called as parts of the task are, and take a port by UDP that the model has by TCP', () => {
    const statsd = { containerPort: 8080, protocol: Protocol.UDP };
    const containers = containersOf({ TaskRole: { image }, Container: { image, portMappings: [statsd] } });
    expect(containers.map(({ Name }: { Name: string }) => Name).slice(0, 3)).toEqual(['api', 'TaskRole', 'Container']);
  });

  const at = (containerPort: number) => ({ image, portMappings: [{ containerPort }] });

  test.each<[string, ModelApiProps['extraContainers'], string]>([
    [
      "the model's name",
      { api: { image } },
      "extraContainers must not have one called 'api', which is the model's: give it another name",
    ],
    [
      'a name that ECS does not take',
      { 'my collector': { image } },
      'names of extraContainers must be 1 to 255 letters, digits, - and _ (got "my collector")',
    ],
    [
      'a second name',
      { a: { image, containerName: 'b' } },
      'extraContainers.a has the containerName "b": leave it out, its key is its name',
    ],
    [
      'the port of predictions',
      { proxy: at(8080) },
      'extraContainers.proxy listens at port 8080, and so does api in the same network: give it another port',
    ],
    [
      'the port of health checks, in a range',
      { proxy: { image, portMappings: [{ containerPort: 0, containerPortRange: '8081-8090' }] } },
      'extraContainers.proxy listens at port 8081, and so does api in the same network: give it another port',
    ],
    [
      'one port for two',
      { a: at(4317), b: at(4317) },
      'extraContainers.b listens at port 4317, and so does a in the same network: give it another port',
    ],
    [
      'nearly all of the memory',
      { a: { image, memoryLimitMiB: 1024 }, b: { image, memoryReservationMiB: 769 } },
      'extraContainers take 1793 MiB of memory, and a replica has 2048, of which the model needs at least 256: give compute more memory, or them less',
    ],
    [
      'nearly all of the CPU',
      { a: { image, cpu: 897 } },
      'extraContainers take 897 units of cpu, and a replica has 1024, of which the model needs at least 128: give compute more cpu, or them less',
    ],
  ])('must not have %s', (_, extraContainers, message) => {
    expect(() => containersOf(extraContainers)).toThrow(`[Stack/Api/Task] ${message}`);
  });

  test('may have half of the smallest replica', () => {
    const compute = Compute.fargate({ cpu: 256, memory: Size.mebibytes(512) });
    const extraContainers = { a: { image, cpu: 128, memoryLimitMiB: 256 } };
    expect(() => declared({ compute, extraContainers })).not.toThrow();
  });

  test('are not measured by what only the deployment knows', () => {
    const cpu = Lazy.number({ produce: () => 512 });
    expect(containersOf({ a: { image, cpu } })[1].Cpu).toBe(512);
  });
});
