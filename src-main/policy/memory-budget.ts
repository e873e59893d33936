import type { Settings } from '#contract/settings.ts'
import type { GpuReading } from '#contract/signals.ts'

/** Bytes of the computer's memory that stay free for the person. */
export function memoryFloor(bytes: number, settings: Settings): number {
  const { keepFreeRamGigabytes, keepFreeRamPercent } = settings
  return Math.max(keepFreeRamGigabytes * 1e9, (bytes * keepFreeRamPercent) / 100)
}

/** Bytes of a GPU's memory that stay free for the person. */
export function gpuFloor(bytes: number, settings: Settings): number {
  const { keepFreeVramGigabytes, keepFreeVramPercent } = settings
  return Math.max(keepFreeVramGigabytes * 1e9, (bytes * keepFreeVramPercent) / 100)
}

export function freeGpuBytes({ memoryBytes, memoryUsedBytes }: GpuReading): number | undefined {
  if (memoryBytes === undefined || memoryUsedBytes === undefined) return undefined
  return Math.max(0, memoryBytes - memoryUsedBytes)
}
