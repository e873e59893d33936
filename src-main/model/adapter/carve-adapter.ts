import type { LayerRange } from '#contract/model.ts'
import { SkeinError } from '#contract/errors.ts'
import type { ByteSource } from '../byte-source.ts'
import type { Gguf } from '../gguf.ts'
import {
  layOutGguf,
  type FilePiece,
  type MetadataField,
  type PlannedTensor
} from '../gguf-layout.ts'
import type { ByteRange } from '../metadata-value.ts'
import { sourceRanges } from '../source-ranges.ts'
import { writePieces, type CarvedFile, type CarveOptions } from '../write-pieces.ts'
import type { AdapterPair } from './adapter-pairs.ts'
import { checkAdapter, type CheckedAdapter } from './check-adapter.ts'

/** Rises whenever the same adapter is carved into other bytes: belongs into the name of a carved file that is kept. */
export const adapterFormat = 1

/**
 * Plans the part of an adapter that changes the layers of one range of its model: layers count from 0 again, as in the range's own
 * file. `undefined` where it changes nothing there. Throws what `checkAdapter` throws, and `range-not-allowed`.
 */
export function planAdapter(
  adapter: Gguf,
  model: Gguf,
  range: LayerRange
): readonly FilePiece[] | undefined {
  const checked = checkAdapter(adapter, model)
  if (range.end > checked.layers) {
    throw new SkeinError('range-not-allowed', `[${range.first}, ${range.end}) of ${checked.layers}`)
  }
  const tensors = carvedPairs(checked, range)
  return tensors.length === 0 ? undefined : layOutGguf(carvedMetadata(checked), tensors)
}

/** The bytes of an adapter that its part for a range is made of, header first. Throws what `planAdapter` throws. */
export function adapterRangesOf(
  adapter: Gguf,
  model: Gguf,
  range: LayerRange
): readonly ByteRange[] {
  return sourceRanges(adapter, planAdapter(adapter, model, range) ?? [])
}

/**
 * Writes the part of an adapter for one range of its model, made of checked tensors only; `undefined` where there is none. Throws
 * what `planAdapter` and `carveRange` throw.
 */
export async function carveAdapter(
  source: ByteSource,
  adapter: Gguf,
  model: Gguf,
  range: LayerRange,
  targetPath: string,
  options: CarveOptions = {}
): Promise<CarvedFile | undefined> {
  const pieces = planAdapter(adapter, model, range)
  return pieces && writePieces(source, pieces, targetPath, options)
}

function carvedMetadata({ architecture, alpha }: CheckedAdapter): readonly MetadataField[] {
  return [
    { key: 'general.type', type: 'string', value: 'adapter' },
    { key: 'general.architecture', type: 'string', value: architecture },
    { key: 'adapter.type', type: 'string', value: 'lora' },
    { key: 'adapter.lora.alpha', type: 'f32', value: alpha }
  ]
}

/** The embedding's pair with the first layers, the head's with the last ones: others do not use what they change. */
function carvedPairs(checked: CheckedAdapter, range: LayerRange): readonly PlannedTensor[] {
  const { embedding, head, perLayer, layers } = checked
  const inLayers = perLayer
    .slice(range.first, range.end)
    .flatMap((pairs, index) =>
      pairs.flatMap((pair) => copiedPair(pair, range.first + index, index))
    )
  return [
    ...(embedding !== undefined && range.first === 0 ? copiedPair(embedding) : []),
    ...inLayers,
    ...(head !== undefined && range.end === layers ? copiedPair(head) : [])
  ]
}

function copiedPair({ a, b }: AdapterPair, from = 0, to = from): readonly PlannedTensor[] {
  return [a, b].map(({ name, type, shape, offset, bytes }) => ({
    name: name.replace(`blk.${from}.`, `blk.${to}.`),
    type,
    shape,
    data: { offset, bytes }
  }))
}
