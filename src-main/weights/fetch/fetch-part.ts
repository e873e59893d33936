import type { LayerRange } from '#contract/model.ts'
import type { Gguf } from '#model/gguf.ts'
import type { ByteRange } from '#model/metadata-value.ts'
import { segmentsOf } from '../discovery/model-topics.ts'
import type { ModelRecord } from '../model-record.ts'

/** What is wanted of a model: some layers, all of it, or its header: that holds the vocabulary, all that a coordinator needs. */
export type FetchPart = LayerRange | 'whole' | 'header'

/** The bytes of a part beside the header; `layersOf` tells those of layers. Throws what it throws. */
export function bytesOfPart(
  gguf: Gguf,
  part: FetchPart,
  layersOf: (gguf: Gguf, range: LayerRange) => readonly ByteRange[]
): readonly ByteRange[] {
  if (part === 'header') return []
  return part === 'whole' ? [{ offset: 0, bytes: gguf.bytes }] : layersOf(gguf, part)
}

/** The segments that hold a part; none where it is in all of them, as an adapter's is, or in the header. */
export function segmentsOfPart(
  record: ModelRecord | undefined,
  part: FetchPart
): readonly number[] {
  if (record === undefined || 'base' in record || part === 'header') return []
  return segmentsOf(part === 'whole' ? { first: 0, end: record.info.layers } : part)
}
