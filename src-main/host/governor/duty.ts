import type { ComputeLimits, LimiterName } from '#contract/decision.ts'
import type { GpuReading, Signals } from '#contract/signals.ts'
import { celsiusLoop, nextAllowed, wattsLoop, type LoopState } from './duty-loop.ts'

/** What the governor remembers of its ceilings from one second to the next. Plain values. */
export interface DutyState {
  /** Share of the time, 0 to 1, that may be spent computing now. */
  readonly duty: number
  /** What makes it less than 1. */
  readonly limitedBy: LimiterName | undefined
  readonly gpuCelsius: LoopState
  readonly cpuCelsius: LoopState
  readonly gpuWatts: LoopState
}

/** With which computing begins: enough to measure by, and too little to overshoot. */
const startShare = 0.1
/** A ceiling that is not the one that holds may allow so much more than that one, so that it is not far away when it is needed. */
const slack = 0.1
/** Nobody computes all of the time that they may: queues are empty for moments. */
const usedShare = 0.8
/** After a longer pause between two calls, as in sleep, nothing that was measured before counts. */
const longestStep = 10

const start: LoopState = { allowed: startShare, smooth: undefined }

export const restingDuty: DutyState = {
  duty: 0,
  limitedBy: undefined,
  gpuCelsius: start,
  cpuCelsius: start,
  gpuWatts: start
}

/**
 * How much of the time may be spent computing, so that temperatures and power come close to their ceilings and stay below. Pure; to be
 * called every second. `used`: the share of the time that was spent computing since the last call.
 */
export function nextDuty(
  before: DutyState,
  limits: ComputeLimits,
  signals: Signals,
  { seconds, used }: { readonly seconds: number; readonly used: number }
): DutyState {
  if (limits.work === 'no') return restingDuty
  const { share, shareBy } = limits
  const gpus = signals.gpus.kind === 'value' ? signals.gpus.value : []
  const hasSlept = seconds > longestStep
  const known = hasSlept ? restingDuty : before
  const step = { seconds: hasSlept ? 1 : seconds, share, isUsed: used >= known.duty * usedShare }
  const gpuCelsius = nextAllowed(
    known.gpuCelsius,
    celsiusLoop,
    { value: most(gpus.map((gpu) => gpu.celsius)), ceiling: limits.gpuCelsius },
    step
  )
  const cpuCelsius = nextAllowed(
    known.cpuCelsius,
    celsiusLoop,
    { value: valueOf(signals.cpuCelsius), ceiling: limits.cpuCelsius },
    step
  )
  const gpuWatts = nextAllowed(
    known.gpuWatts,
    wattsLoop(limits.gpuWatts, powerRange(gpus, limits.gpuWatts)),
    { value: most(gpus.map((gpu) => gpu.watts)), ceiling: limits.gpuWatts },
    step
  )
  const duty = Math.min(share, gpuCelsius.allowed, cpuCelsius.allowed, gpuWatts.allowed)
  const limitedBy =
    duty === share
      ? shareBy
      : duty === gpuCelsius.allowed
        ? 'gpu-temperature'
        : duty === cpuCelsius.allowed
          ? 'cpu-temperature'
          : 'gpu-power'
  const near = ({ allowed, smooth }: LoopState): LoopState => ({
    allowed: Math.min(allowed, duty + slack),
    smooth
  })
  return {
    duty,
    limitedBy,
    gpuCelsius: near(gpuCelsius),
    cpuCelsius: near(cpuCelsius),
    gpuWatts: near(gpuWatts)
  }
}

function most(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

function valueOf(reading: Signals['cpuCelsius']): number | undefined {
  return reading.kind === 'value' ? reading.value : undefined
}

/** Watts that computing adds at most: by what the driver allows; where it does not tell, a multiple of the ceiling that few cards exceed. */
function powerRange(gpus: readonly GpuReading[], ceiling: number): number {
  return most(gpus.map(({ wattsLimit }) => wattsLimit)) ?? ceiling * 3
}
