import type { LogLine } from '../bindings/llama-log.ts'
import type { StageMemory } from '../stage-types.ts'

const mebibyte = 1024 * 1024
/** As in `llama_kv_cache:        CPU KV buffer size =    44.00 MiB`. */
const bufferLine = /(KV|RS|compute|output) buffer size =\s*([\d.]+) MiB/

/**
 * What a stage takes, summed over devices. llama.cpp states the sizes of its cache and compute buffers in its log only,
 * to a hundredth of a MiB; `weightBytes` is exact.
 */
export function memoryReport(weightBytes: number, lines: readonly LogLine[]): StageMemory {
  let cacheBytes = 0
  let computeBytes = 0
  for (const { text } of lines) {
    const [, kind, size] = bufferLine.exec(text) ?? []
    if (kind === undefined) continue
    const bytes = Math.round(Number(size) * mebibyte)
    if (kind === 'KV' || kind === 'RS') cacheBytes += bytes
    else computeBytes += bytes
  }
  return { weightBytes, cacheBytes, computeBytes }
}
