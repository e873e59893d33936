/** One ceiling, and how much computing it allows. Plain values. */
export interface LoopState {
  /** Share of the time, 0 to 1. */
  readonly allowed: number
  /** The measured value without most of its noise; `undefined` before the first. */
  readonly smooth: number | undefined
}

/** How a loop answers what it measures. Its unit is that of the ceiling: °C or W. */
export interface LoopTuning {
  /** How far below the ceiling it aims: what noise, delay and a warm day need. */
  readonly margin: number
  /** Change of the share for each unit by which the value rises. */
  readonly proportional: number
  /** Change of the share in each second for each unit below the aim, and for each above it. */
  readonly raise: number
  readonly lower: number
  /** So far below the aim nothing is to be feared, and the share rises as fast as it may. */
  readonly farBelow: number
  /** Seconds over which noise is smoothed. */
  readonly smoothing: number
}

/**
 * Temperatures: slow, a proportional and an integral part. A device warms by 30 to 150 °C between no and full computing, within 15 to 300
 * seconds, and its sensor may lag by several: with these gains the loop is damped over all of that (`test/unit/host/governor`).
 */
export const celsiusLoop: LoopTuning = {
  margin: 1.5,
  proportional: 0.035,
  raise: 0.035 / 150,
  lower: 0.035 / 60,
  farBelow: 25,
  smoothing: 3
}

/**
 * Power follows at once, so an integral part is enough, slow upwards while the sensor lags. `range`: watts between no and full computing, by
 * which the same error means the same share on a large card and on a small one.
 */
export function wattsLoop(ceiling: number, range: number): LoopTuning {
  return {
    margin: ceiling * 0.02 + range * 0.005,
    proportional: 0,
    raise: 0.025 / range,
    lower: 0.1 / range,
    farBelow: Infinity,
    smoothing: 5
  }
}

/** Most by which the share rises in a second: from nothing to everything takes 40 seconds, in which a sensor can speak up. */
const mostRise = 0.025

/**
 * The share that a ceiling allows next. `isUsed`: whether all that was allowed was computed; else what is measured says nothing about more,
 * and the share does not rise. Without a reading, or without a ceiling, it holds nothing up.
 */
export function nextAllowed(
  before: LoopState,
  tuning: LoopTuning,
  measured: { readonly value: number | undefined; readonly ceiling: number },
  step: { readonly seconds: number; readonly isUsed: boolean; readonly share: number }
): LoopState {
  const { value, ceiling } = measured
  const { seconds, isUsed, share } = step
  if (value === undefined || ceiling === Infinity) return { allowed: share, smooth: undefined }
  const weight = Math.min(1, seconds / tuning.smoothing)
  const last = before.smooth ?? value
  const smooth = last + (value - last) * weight
  const below = ceiling - tuning.margin - smooth
  const integral = below * (below > 0 ? tuning.raise : tuning.lower)
  const change =
    below > tuning.farBelow
      ? mostRise * seconds
      : integral * seconds - (smooth - last) * tuning.proportional
  const limited = Math.min(change, isUsed ? mostRise * seconds : 0)
  return { allowed: Math.min(share, Math.max(0, before.allowed + limited)), smooth }
}
