import type { MetadataReader } from '../metadata-reader.ts'

const maxPeriod = 512

/**
 * The period of an architecture in which every n-th layer sees the whole context and the others a sliding window. A
 * range that begins at a multiple of it has the same pattern from its own first layer on.
 */
export function slidingWindowStep(reader: MetadataReader, defaultPeriod: number): number {
  const key = 'attention.sliding_window_pattern'
  if (reader.isArray(key)) return defaultPeriod
  // 0 makes all layers slide, 1 none of them: no layer depends on its index.
  return Math.max(1, reader.integer(key, 0, maxPeriod, defaultPeriod))
}
