import type { LayerRange } from '#contract/model.ts'
import type { Gguf } from '#model/gguf.ts'
import type { ByteRange } from '#model/metadata-value.ts'

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
