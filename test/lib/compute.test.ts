/** Where replicas run. */
import { Duration, Lazy, Size, type Stack } from 'aws-cdk-lib';
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

/** Asks for the binding alone: 1680 APIs would take a minute. */
function isSold(stack: Stack, cpu: number, memoryMiB: number): boolean {
  try {
    Compute.fargate({ cpu, memory: Size.mebibytes(memoryMiB) })._bind(stack);
    return true;
  } catch {
    return false;
  }
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

  test.each<[FargateOptions, object[]]>([
    [{}, [{ CapacityProvider: 'FARGATE', Weight: 1 }]],
    [{ spotShare: 0, onDemandBase: 0 }, [{ CapacityProvider: 'FARGATE', Weight: 1 }]],
    [{ spotShare: 1 }, [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }]],
    [
      { spotShare: 0.75, onDemandBase: 2 },
      [
        { CapacityProvider: 'FARGATE', Base: 2, Weight: 1 },
        { CapacityProvider: 'FARGATE_SPOT', Weight: 3 },
      ],
    ],
    [
      { spotShare: 1 / 3 },
      [
        { CapacityProvider: 'FARGATE', Weight: 667 },
        { CapacityProvider: 'FARGATE_SPOT', Weight: 333 },
      ],
    ],
    [
      { spotShare: 1, onDemandBase: 1 },
      [
        { CapacityProvider: 'FARGATE', Base: 1, Weight: 1 },
        { CapacityProvider: 'FARGATE_SPOT', Weight: 999 },
      ],
    ],
  ])('with %j runs on %j', (options, strategy) => {
    const service = only(declared({ compute: Compute.fargate(options) }), 'AWS::ECS::Service');
    expect(service.CapacityProviderStrategy).toEqual(strategy);
  });

  test.each([
    [100, 0.5, []],
    [101, 0, []],
    [101, 0.5, ['cdk-model-api:requestOutlivesInterruption']],
  ])('with requests of %i s and a share on Spot of %d warns of %j', (seconds, spotShare, warnings) => {
    const stack = stackIn();
    apiIn(stack, { compute: Compute.fargate({ spotShare }), requestTimeout: Duration.seconds(seconds) });
    expect(warningsOf(stack)).toEqual(warnings);
  });

  test.each<[FargateOptions, string]>([
    [{ cpu: 1000 }, '[Stack/Api] cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 (got 1000)'],
    [
      { cpu: 1000, memory: Size.gibibytes(8) },
      '[Stack/Api] cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 (got 1000); memory of 8192 MiB fits cpu 1024, 2048, 4096',
    ],
    [
      { cpu: 256, memory: Size.mebibytes(1536) },
      '[Stack/Api] with cpu 256 memory must be 512, 1024 or 2048 MiB (got 1536 MiB); memory of 1536 MiB fits no cpu',
    ],
    [
      { memory: Size.gibibytes(16) },
      '[Stack/Api] with cpu 1024 memory must be 2048 to 8192 MiB in steps of 1024 (got 16384 MiB); memory of 16384 MiB fits cpu 2048, 4096, 8192',
    ],
    [
      { cpu: 16_384, memory: Size.gibibytes(36) },
      '[Stack/Api] with cpu 16384 memory must be 32768 to 122880 MiB in steps of 8192 (got 36864 MiB); memory of 36864 MiB fits cpu 8192',
    ],
    [{ spotShare: 70 }, '[Stack/Api] spotShare must be from 0 to 1 (got 70)'],
    [{ spotShare: lateNumber(1) }, '[Stack/Api] spotShare must be known at synth: the weights of capacity follow it'],
    [
      { onDemandBase: 2 },
      '[Stack/Api] onDemandBase (2) has no effect without spotShare: give that too, or leave it out',
    ],
    [{ spotShare: 0.5, onDemandBase: 1.5 }, '[Stack/Api] onDemandBase must be an integer from 0 to 100000 (got 1.5)'],
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

  test('sells every size that AWS lists, by the number', () => {
    const stack = stackIn();
    const sizes = [256, 512, 1024, 2048, 4096, 8192, 16_384].map((cpu) =>
      Array.from({ length: 240 }, (_, index) => (index + 1) * 512).filter((memory) => isSold(stack, cpu, memory)),
    );
    expect(sizes.map((memory) => memory.length)).toEqual([3, 4, 7, 13, 23, 12, 12]);
    expect(sizes.map((memory) => memory.at(-1))).toEqual([2048, 4096, 8192, 16_384, 30_720, 61_440, 122_880]);
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
