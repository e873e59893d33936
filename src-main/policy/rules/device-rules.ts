import type { ReasonFacts } from '#contract/decision.ts'
import type { Known, Rule } from '../known.ts'
import { freeGpuBytes, gpuFloor, memoryFloor } from '../memory-budget.ts'

const device = {
  stops: ['compute'],
  ending: 'now',
  frees: false,
  afterMs: 0,
  isNoisy: true
} as const

/** The devices themselves: there, cool enough, with room. */
export const deviceRules: readonly Rule[] = [
  {
    ...device,
    reason: 'gpu-gone',
    frees: true,
    holdMs: 60_000,
    test: ({ signals: { gpus } }) =>
      gpus.kind === 'unavailable' && gpus.reason === 'gone' ? {} : undefined
  },
  {
    ...device,
    reason: 'too-hot',
    // One reading may be noise; in three seconds no device warms by more than a degree.
    afterMs: 3000,
    holdMs: 5 * 60_000,
    test: (known, _now, held) => hottest(known, held)
  },
  {
    ...device,
    reason: 'system-hot',
    stops: ['compute', 'transfer'],
    holdMs: 5 * 60_000,
    test: ({ signals: { thermalState: state } }) => {
      const isHot = state.kind === 'value' && ['serious', 'critical'].includes(state.value)
      return isHot ? {} : undefined
    }
  },
  {
    ...device,
    reason: 'memory-wanted',
    frees: true,
    afterMs: 1000,
    holdMs: 60_000,
    test: (known, _now, held) => shortOfGpuMemory(known, held) ?? shortOfMemory(known, held)
  }
]

/** A device at its ceiling, or, once it was, one that has not cooled enough. */
function hottest(
  { signals, settings }: Known,
  held: ReasonFacts | undefined
): ReasonFacts | undefined {
  const { gpuCelsius, cpuCelsius, celsiusHysteresis } = settings
  const margin = held === undefined ? 0 : celsiusHysteresis
  const gpus = signals.gpus.kind === 'value' ? signals.gpus.value : []
  const cpu = signals.cpuCelsius.kind === 'value' ? signals.cpuCelsius.value : -Infinity
  if (gpus.some(({ celsius = -Infinity }) => celsius >= gpuCelsius - margin)) {
    return { device: 'the graphics card', celsius: gpuCelsius - celsiusHysteresis }
  }
  if (cpu >= cpuCelsius - margin) {
    return { device: 'the processor', celsius: cpuCelsius - celsiusHysteresis }
  }
  return undefined
}

/**
 * Free memory below the floor. What has to be free before it ends includes what Skein gave back, else it would take it again and be short
 * at once.
 */
function shortOfMemory(known: Known, held: ReasonFacts | undefined): ReasonFacts | undefined {
  const { memory } = known.signals
  if (memory.kind === 'unavailable') return undefined
  const name = 'this computer’s memory'
  const floor = memoryFloor(memory.value.bytes, known.settings)
  return short(name, memory.value.availableBytes, floor, known.own.memoryBytes, held)
}

function shortOfGpuMemory(known: Known, held: ReasonFacts | undefined): ReasonFacts | undefined {
  const gpus = known.signals.gpus.kind === 'value' ? known.signals.gpus.value : []
  for (const gpu of gpus) {
    const free = freeGpuBytes(gpu)
    if (free === undefined || gpu.memoryBytes === undefined) continue
    const own = known.own.gpuMemoryBytes.get(gpu.id) ?? 0
    const floor = gpuFloor(gpu.memoryBytes, known.settings)
    const shortage = short('the graphics memory', free, floor, own, held)
    if (shortage !== undefined) return shortage
  }
  return undefined
}

function short(
  memory: string,
  freeBytes: number,
  floorBytes: number,
  ownBytes: number,
  held: ReasonFacts | undefined
): ReasonFacts | undefined {
  const isHeld = held?.memory === memory
  const gigabytes =
    isHeld && held.gigabytes !== undefined
      ? held.gigabytes
      : Math.ceil((floorBytes + ownBytes) / 1e8) / 10
  const edge = isHeld ? gigabytes * 1e9 : floorBytes
  return freeBytes < edge ? { memory, gigabytes } : undefined
}
