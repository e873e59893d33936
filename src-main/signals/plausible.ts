import type { GpuReading, SignalName, SignalValues } from '#contract/signals.ts'

/** Sensors that are broken or asleep say 0, -1, 127 or 255; no device computes outside of these, in °C. */
const leastCelsius = 1
const mostCelsius = 125
const mostWatts = 2000
const mostIdleMs = 400 * 24 * 3_600_000
const mostBytes = 2 ** 60

/** The value as it can be believed; `undefined` where it cannot be. Of a GPU only what cannot be is left out. */
export type Believable = {
  readonly [Name in SignalName]: (value: SignalValues[Name]) => SignalValues[Name] | undefined
}

export const believable: Believable = {
  idle: (value) => within(value, 0, mostIdleMs),
  locked: (value) => value,
  onBattery: (value) => value,
  batterySaver: (value) => value,
  // What is measured in steps may be a little more than everything.
  cpuByOthers: (value) => (within(value, -0.1, 1.1) === undefined ? undefined : clamp(value)),
  memory: ({ bytes, availableBytes }) =>
    within(bytes, 1, mostBytes) === undefined || within(availableBytes, 0, bytes) === undefined
      ? undefined
      : { bytes, availableBytes },
  gpus: (value) => value.map(believableGpu),
  cpuCelsius: (value) => within(value, leastCelsius, mostCelsius),
  thermalState: (value) => value,
  fullScreen: (value) => value,
  exclusivePrograms: (value) => value,
  metered: (value) => value,
  traffic: (value) =>
    within(value.receivedBytes, 0, Infinity) === undefined ||
    within(value.sentBytes, 0, Infinity) === undefined
      ? undefined
      : value
}

function believableGpu({ id, name, throttledBy, ...numbers }: GpuReading): GpuReading {
  const { celsius, watts, wattsLimit, use, useByOthers } = numbers
  const { memoryBytes, memoryUsedBytes, memoryByOthersBytes } = numbers
  return {
    id,
    name,
    ...(throttledBy === undefined ? {} : { throttledBy }),
    ...known('celsius', within(celsius, leastCelsius, mostCelsius)),
    ...known('watts', within(watts, 0, mostWatts)),
    ...known('wattsLimit', within(wattsLimit, 1, mostWatts)),
    ...known('use', within(use, 0, 1)),
    ...known('useByOthers', within(useByOthers, 0, 1)),
    ...known('memoryBytes', within(memoryBytes, 1, mostBytes)),
    ...known('memoryUsedBytes', within(memoryUsedBytes, 0, memoryBytes ?? mostBytes)),
    ...known('memoryByOthersBytes', within(memoryByOthersBytes, 0, memoryBytes ?? mostBytes))
  }
}

function known<Key extends string>(
  key: Key,
  value: number | undefined
): { readonly [Name in Key]?: number } {
  const entries: { [Name in Key]?: number } = {}
  if (value !== undefined) entries[key] = value
  return entries
}

/** NaN is within nothing. */
function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share))
}
