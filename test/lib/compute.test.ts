/** Where replicas run. */
import { Duration, Lazy, Size } from 'aws-cdk-lib';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { Compute, type FargateOptions } from '../../lib';
import { apiIn, declared, only, stackIn, warningsOf } from './declaration';

function taskOn(options?: FargateOptions) {
  return only(declared({ compute: Compute.fargate(options) }), 'AWS::ECS::TaskDefinition');
}

/** Known at deployment only. */
function lateNumber(value: number): number {
  return Lazy.number({ produce: () => value });
}

describe('Compute.fargate', () => {
  test('is one vCPU with 2 GiB on x86-64 unless it says otherwise', () => {
    expect(taskOn()).toMatchObject({ Cpu: '1024', Memory: '2048', RuntimePlatform: { CpuArchitecture: 'X86_64' } });
    expect(only(declared(), 'AWS::ECS::TaskDefinition')).toMatchObject({ Cpu: '1024', Memory: '2048' });
  });

  test('gives 2 GiB a vCPU when only cpu is said', () => {
    expect(taskOn({ cpu: 256 })).toMatchObject({ Cpu: '256', Memory: '512' });
    expect(taskOn({ cpu: 16_384 })).toMatchObject({ Cpu: '16384', Memory: '32768' });
  });

  test('takes memory, architecture and disk', () => {
    const options = {
      memory: Size.gibibytes(8),
      architecture: CpuArchitecture.ARM64,
      ephemeralStorage: Size.gibibytes(50),
    };
    expect(taskOn(options)).toMatchObject({
      Memory: '8192',
      RuntimePlatform: { CpuArchitecture: 'ARM64' },
      EphemeralStorage: { SizeInGiB: 50 },
    });
  });

  test('on Spot uses no other capacity', () => {
    const { CapacityProviderStrategy } = only(
      declared({ compute: Compute.fargate({ spot: true }) }),
      'AWS::ECS::Service',
    );
    expect(CapacityProviderStrategy).toEqual([{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }]);
  });

  test.each([
    [100, []],
    [101, ['cdk-model-api:requestOutlivesInterruption']],
  ])('on Spot with requests of %i s warns of %j', (seconds, warnings) => {
    const stack = stackIn();
    apiIn(stack, { compute: Compute.fargate({ spot: true }), requestTimeout: Duration.seconds(seconds) });
    expect(warningsOf(stack)).toEqual(warnings);
  });

  test.each<[FargateOptions, string]>([
    [{ cpu: 1000 }, '[Stack/Api] cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 (got 1000)'],
    [
      { cpu: 256, memory: Size.mebibytes(1536) },
      '[Stack/Api] memory in MiB must be one of 512, 1024, 2048 with cpu 256 (got 1536)',
    ],
    [
      { memory: Size.gibibytes(9) },
      '[Stack/Api] memory in MiB must be one of 2048, 3072, 4096, 5120, 6144, 7168, 8192 with cpu 1024 (got 9216)',
    ],
    [
      { ephemeralStorage: Size.gibibytes(20) },
      '[Stack/Api] ephemeralStorage in GiB must be an integer from 21 to 200 (got 20)',
    ],
    [
      { cpu: lateNumber(2048) },
      '[Stack/Api] cpu is known at deployment only, and the memory that goes with it is not: give memory too',
    ],
    [
      { memory: Size.gibibytes(lateNumber(4)) },
      '[Stack/Api] memory is known at deployment only and cannot be converted: give it as Size.mebibytes()',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => taskOn(options)).toThrow(message);
  });

  test('says all that is wrong at once', () => {
    const options = { cpu: 1000, ephemeralStorage: Size.gibibytes(500) };
    expect(() => taskOn(options)).toThrow(/cpu must be one of .*\n.*ephemeralStorage in GiB/);
  });

  test('does not judge what only the deployment knows', () => {
    expect(taskOn({ cpu: lateNumber(2048), memory: Size.gibibytes(4) })).toMatchObject({ Cpu: '2048', Memory: '4096' });
    expect(taskOn({ memory: Size.mebibytes(lateNumber(4096)) })).toMatchObject({ Memory: '4096' });
  });
});
