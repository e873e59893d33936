import type { LayerRange, ModelKey } from '#contract/model.ts'

/**
 * Layers of one segment. Whoever looks for some layers finds those who have them, and not all the thousands who have something of a
 * model: a lookup gives a few dozen peers, whatever their number. Part of what topics mean: it never changes.
 */
const layersPerSegment = 8

/** Where a model's header is found: everybody who has anything of it has that. */
export function modelTopic(key: ModelKey): string {
  return `model/1/${key}`
}

/** Where those layers are found that the segment holds. */
export function segmentTopic(key: ModelKey, segment: number): string {
  return `model/1/${key}/${segment}`
}

/** The segments that hold these layers, ascending. */
export function segmentsOf({ first, end }: LayerRange): number[] {
  const start = Math.floor(first / layersPerSegment)
  return Array.from({ length: Math.ceil(end / layersPerSegment) - start }, (_, at) => start + at)
}
