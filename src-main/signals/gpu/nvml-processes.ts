import type { GpuReading } from '#contract/signals.ts'
import type { NvmlLibrary } from './nvml-library.ts'
import type { OwnGpuUse } from './own-gpu-use.ts'

const success = 0
const mostProcesses = 128
/** `nvmlProcessInfo_t`: the process, its bytes, and two instance numbers. */
const processBytes = 24
/** `nvmlProcessUtilizationSample_t`: the process, when, and its percentages of multiprocessors, memory, encoder and decoder. */
const sampleBytes = 32
/** What the driver says where it does not know a process's memory, as on Windows. */
const notKnown = 2n ** 64n - 1n

type Totals = { readonly [Key in 'use' | 'memoryUsedBytes']: number | undefined }

/** The part of a card's use that is others': by what the driver tells of each process, else by what Skein knows of itself. */
export async function readProcesses(
  library: NvmlLibrary,
  device: bigint,
  own: OwnGpuUse,
  { use, memoryUsedBytes }: Totals
): Promise<Pick<GpuReading, 'useByOthers' | 'memoryByOthersBytes'>> {
  const ours = new Set(own.processIds())
  const ownUse = (await useOf(library, device, ours)) ?? own.share()
  const ownBytes = (await bytesOf(library, device, ours)) ?? own.bytes()
  return {
    ...(use === undefined ? {} : { useByOthers: Math.max(0, use - ownUse) }),
    ...(memoryUsedBytes === undefined
      ? {}
      : { memoryByOthersBytes: Math.max(0, memoryUsedBytes - ownBytes) })
  }
}

/** Share of the card's time that these processes used lately; `undefined` where the driver does not tell. */
async function useOf(
  library: NvmlLibrary,
  device: bigint,
  ours: ReadonlySet<number>
): Promise<number | undefined> {
  const samples = Buffer.alloc(mostProcesses * sampleBytes)
  const count = countOf(mostProcesses)
  const code = await library.call('nvmlDeviceGetProcessUtilization', device, samples, count, 0n)
  if (code !== success) return undefined
  const newest = new Map<number, { readonly at: bigint; readonly percent: number }>()
  for (let index = 0; index < Math.min(count.readUInt32LE(), mostProcesses); index++) {
    const at = index * sampleBytes
    const id = samples.readUInt32LE(at)
    const time = samples.readBigUInt64LE(at + 8)
    const known = newest.get(id)
    if (known !== undefined && known.at > time) continue
    newest.set(id, { at: time, percent: samples.readUInt32LE(at + 16) })
  }
  const percents = [...newest].filter(([id]) => ours.has(id)).map(([, { percent }]) => percent)
  return percents.reduce((sum, percent) => sum + percent, 0) / 100
}

async function bytesOf(
  library: NvmlLibrary,
  device: bigint,
  ours: ReadonlySet<number>
): Promise<number | undefined> {
  const processes = Buffer.alloc(mostProcesses * processBytes)
  const count = countOf(mostProcesses)
  const name = 'nvmlDeviceGetComputeRunningProcesses_v3'
  const code = await library.call(name, device, count, processes)
  if (code !== success) return undefined
  let bytes = 0
  for (let index = 0; index < Math.min(count.readUInt32LE(), mostProcesses); index++) {
    const at = index * processBytes
    if (!ours.has(processes.readUInt32LE(at))) continue
    const taken = processes.readBigUInt64LE(at + 8)
    if (taken === notKnown) return undefined
    bytes += Number(taken)
  }
  return bytes
}

function countOf(count: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(count)
  return buffer
}
