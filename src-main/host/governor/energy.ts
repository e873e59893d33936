import type { Signals } from '#contract/signals.ts'

/** Of a processor's core at work: 65 W over eight cores, which is what makers state for the middle of their desktop lines. */
const wattsPerCore = 8

/** What computing for others draws now. */
export interface Draw {
  readonly watts: number
  /** Whether no sensor told. */
  readonly isEstimate: boolean
}

/**
 * Watts that computing for others draws: what the graphics cards measure; where they only tell their limit, the share of it that may be
 * computed; without any, what the processor's threads are known to draw. All of it counts, also what the card would draw at rest: a
 * budget must not be exceeded by what nobody counted.
 */
export function drawOf(signals: Signals, duty: number, threads: number): Draw {
  const gpus = signals.gpus.kind === 'value' ? signals.gpus.value : []
  const watts = gpus.map((gpu) => gpu.watts ?? (gpu.wattsLimit ?? Number.NaN) * duty)
  const known = watts.filter((value) => Number.isFinite(value))
  const isMeasured = gpus.length > 0 && gpus.every((gpu) => gpu.watts !== undefined)
  if (known.length === 0) return { watts: wattsPerCore * threads * duty, isEstimate: true }
  return { watts: known.reduce((sum, value) => sum + value, 0), isEstimate: !isMeasured }
}

const joulesPerKilowattHour = 3_600_000

/** What so many joules cost, by a price per kWh. */
export function costOf(joules: number, pricePerKilowattHour: number): number {
  return (joules / joulesPerKilowattHour) * pricePerKilowattHour
}
