import type { LayerRange } from '#contract/model.ts'
import { rangesOf } from '#model/carve.ts'
import type { Gguf } from '#model/gguf.ts'
import type { ByteRange } from '#model/metadata-value.ts'

/** What is wanted of a model: some layers, all of it, or its header: that holds the vocabulary, all that a coordinator needs. */
export type FetchPart = LayerRange | 'whole' | 'header'

/** The bytes of a part beside the header. Throws what `rangesOf` throws. */
export function bytesOfPart(gguf: Gguf, part: FetchPart): readonly ByteRange[] {
  if (part === 'header') return []
  return part === 'whole' ? [{ offset: 0, bytes: gguf.bytes }] : rangesOf(gguf, part)
}
