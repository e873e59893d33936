import type { AdapterInfo } from '#contract/adapter.ts'
import { nameOf, type ModelOrigin } from '../describe-model.ts'
import type { Gguf } from '../gguf.ts'
import { tensorValues } from '../gguf-tensors.ts'
import { readAdapterFacts } from './adapter-facts.ts'
import { pairTensors, rankOf } from './adapter-pairs.ts'
import { placeOf } from './adapter-place.ts'

/** What a file says of itself; whether it fits a model is `checkAdapter`'s question. Throws what reading its parts throws. */
export function describeAdapter(gguf: Gguf, origin: ModelOrigin): AdapterInfo {
  const { architecture, alpha } = readAdapterFacts(gguf)
  const { pairs, ignored } = pairTensors(gguf)
  const places = new Set(pairs.map(({ target }) => placeOf(target)))
  const layers = [...places].filter((place) => typeof place === 'number')
  return {
    kind: 'adapter',
    key: origin.key,
    name: nameOf(gguf) ?? origin.fileName,
    architecture,
    bytes: origin.bytes,
    parameters: pairs.reduce((sum, { a, b }) => sum + tensorValues(a) + tensorValues(b), 0),
    rank: pairs.reduce((most, pair) => Math.max(most, rankOf(pair)), 0),
    alpha,
    layers: layers.toSorted((one, other) => one - other),
    changesEmbedding: places.has('embedding'),
    changesHead: places.has('head'),
    ignoredTensors: ignored.length
  }
}
