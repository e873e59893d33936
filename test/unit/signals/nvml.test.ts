import { expect, test } from 'vitest'
import type { NvmlFunction, NvmlLibrary } from '#signals/gpu/nvml-library.ts'
import { nvmlSource } from '#signals/gpu/nvml.ts'
import { Unavailable } from '#signals/signal-source.ts'

const never = new AbortController().signal
const noUse = { processIds: () => [], share: () => 0, bytes: () => 0 }
const notSupported = 3
const gpuIsLost = 15
const device = 0xabcd_0000_1234n

const round = (share = Number.NaN): number => Math.round(share * 1000) / 1000

type Fill = (buffer: Buffer, parameters: readonly unknown[]) => void

/** A card that writes what NVML's header says; `codes` stand for functions that fail. */
class FakeNvml implements NvmlLibrary {
  codes: Partial<Record<NvmlFunction, number>> = {}
  processes: readonly { readonly id: number; readonly bytes: bigint; readonly percent: number }[] =
    []

  readonly #fills: Partial<Record<NvmlFunction, Fill>> = {
    nvmlDeviceGetCount_v2: (buffer) => buffer.writeUInt32LE(1),
    nvmlDeviceGetHandleByIndex_v2: (buffer) => buffer.writeBigUInt64LE(device),
    nvmlDeviceGetName: (buffer) => buffer.write('NVIDIA H200'),
    nvmlDeviceGetPciInfo_v3: (buffer) => buffer.write('00000000:1B:00.0', 36),
    nvmlDeviceGetTemperature: (buffer) => buffer.writeUInt32LE(61),
    nvmlDeviceGetPowerUsage: (buffer) => buffer.writeUInt32LE(345_678),
    nvmlDeviceGetEnforcedPowerLimit: (buffer) => buffer.writeUInt32LE(700_000),
    nvmlDeviceGetUtilizationRates: (buffer) => buffer.writeUInt32LE(80),
    nvmlDeviceGetMemoryInfo: (buffer) => {
      buffer.writeBigUInt64LE(150_000_000_000n, 0)
      buffer.writeBigUInt64LE(60_000_000_000n, 16)
    },
    nvmlDeviceGetCurrentClocksThrottleReasons: (buffer) => buffer.writeBigUInt64LE(0x20n)
  }

  call(name: NvmlFunction, ...parameters: readonly unknown[]): Promise<number> {
    const code = this.codes[name] ?? 0
    const buffers = parameters.filter((it): it is Buffer => it instanceof Buffer)
    const [first, second] = buffers
    if (code !== 0) return Promise.resolve(code)
    if (name === 'nvmlDeviceGetProcessUtilization') this.#samples(first, second)
    else if (name === 'nvmlDeviceGetComputeRunningProcesses_v3') this.#running(second, first)
    else if (first !== undefined) this.#fills[name]?.(first, parameters)
    return Promise.resolve(0)
  }

  #samples(samples: Buffer | undefined, count: Buffer | undefined): void {
    count?.writeUInt32LE(this.processes.length * 2)
    for (const [index, { id, percent }] of this.processes.entries()) {
      // An older sample of the same process, which no longer counts.
      for (const [at, time, use] of [
        [index * 64, 1n, 99],
        [index * 64 + 32, 2n, percent]
      ] as const) {
        samples?.writeUInt32LE(id, at)
        samples?.writeBigUInt64LE(time, at + 8)
        samples?.writeUInt32LE(use, at + 16)
      }
    }
  }

  #running(processes: Buffer | undefined, count: Buffer | undefined): void {
    count?.writeUInt32LE(this.processes.length)
    for (const [index, { id, bytes }] of this.processes.entries()) {
      processes?.writeUInt32LE(id, index * 24)
      processes?.writeBigUInt64LE(bytes, index * 24 + 8)
    }
  }
}

test('a card tells everything, and of each process', async () => {
  const nvml = new FakeNvml()
  nvml.processes = [
    { id: 7, bytes: 50_000_000_000n, percent: 60 },
    { id: 8, bytes: 4_000_000_000n, percent: 15 }
  ]
  const source = nvmlSource({ ...noUse, processIds: () => [7] }, () => nvml)
  const [gpu] = await source.read(never)
  expect({ ...gpu, useByOthers: round(gpu?.useByOthers) }).toEqual({
    id: '0000:1b:00.0',
    name: 'NVIDIA H200',
    celsius: 61,
    watts: 345.678,
    wattsLimit: 700,
    memoryBytes: 150e9,
    throttledBy: ['heat'],
    use: 0.8,
    memoryUsedBytes: 60e9,
    useByOthers: 0.2,
    memoryByOthersBytes: 10e9
  })
})

test('where the driver does not tell of processes, Skein’s own knowledge stands in', async () => {
  const nvml = new FakeNvml()
  nvml.codes = {
    nvmlDeviceGetProcessUtilization: notSupported,
    nvmlDeviceGetComputeRunningProcesses_v3: notSupported
  }
  const own = { processIds: () => [7], share: () => 0.7, bytes: () => 55e9 }
  const [gpu] = await nvmlSource(own, () => nvml).read(never)
  expect(gpu?.memoryByOthersBytes).toBe(5e9)
  expect(round(gpu?.useByOthers)).toBe(0.1)
})

test('what a card does not support is absent', async () => {
  const nvml = new FakeNvml()
  nvml.codes = { nvmlDeviceGetPowerUsage: notSupported, nvmlDeviceGetTemperature: notSupported }
  const [gpu] = await nvmlSource(noUse, () => nvml).read(never)
  expect(gpu).not.toHaveProperty('watts')
  expect(gpu).not.toHaveProperty('celsius')
  expect(gpu).toMatchObject({ use: 0.8 })
})

test('a computer without the driver has no device; a card that falls off the bus is gone', async () => {
  const none = nvmlSource(noUse, () => {
    throw new Unavailable('no-device')
  })
  await expect(none.read(never)).rejects.toMatchObject({ reason: 'no-device' })
  const nvml = new FakeNvml()
  const source = nvmlSource(noUse, () => nvml)
  await source.read(never)
  nvml.codes = { nvmlDeviceGetTemperature: gpuIsLost }
  await expect(source.read(never)).rejects.toMatchObject({ reason: 'gone' })
  nvml.codes = { nvmlInit_v2: 9 }
  await expect(source.read(never)).rejects.toMatchObject({ reason: 'gone' })
  nvml.codes = {}
  expect(await source.read(never)).toHaveLength(1)
})

test('a card that nobody computes on is left alone for five seconds', () => {
  expect(nvmlSource(noUse).everyMs).toBe(5000)
  expect(nvmlSource({ ...noUse, share: () => 0.2 }).everyMs).toBe(1000)
})
