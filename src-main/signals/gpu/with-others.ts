import type { GpuReading } from '#contract/signals.ts'
import type { OwnGpuUse } from './own-gpu-use.ts'

/**
 * What others use of GPUs whose driver tells of all programs together: the rest of what Skein knows of itself. Its own bytes and time are
 * taken from the first card, on which it loads models.
 */
export function withOthers(gpus: readonly GpuReading[], own: OwnGpuUse): readonly GpuReading[] {
  return gpus.map((gpu, index) => {
    const { use, memoryUsedBytes } = gpu
    const share = index === 0 ? own.share() : 0
    const bytes = index === 0 ? own.bytes() : 0
    return {
      ...gpu,
      ...(use === undefined ? {} : { useByOthers: Math.max(0, use - share) }),
      ...(memoryUsedBytes === undefined
        ? {}
        : { memoryByOthersBytes: Math.max(0, memoryUsedBytes - bytes) })
    }
  })
}
