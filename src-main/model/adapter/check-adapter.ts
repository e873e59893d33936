import { SkeinError } from '#contract/errors.ts'
import { architectureNamed } from '../architectures.ts'
import { checkFeatures } from '../check-features.ts'
import { checkTensors, type CheckedTensors } from '../check-tensors.ts'
import type { Gguf, GgufTensor } from '../gguf.ts'
import { readTransformerFacts } from '../model-facts.ts'
import { readAdapterFacts } from './adapter-facts.ts'
import { pairTensors, rankOf, type AdapterPair } from './adapter-pairs.ts'
import { placeOf } from './adapter-place.ts'

/** Far above what anybody trains (4 to 512); bounds what a stranger's file makes each token cost. */
const maxRank = 4096

/** An adapter's pairs, every one checked against the tensor that it changes. */
export interface CheckedAdapter {
  readonly architecture: string
  readonly alpha: number
  /** Layers of the model. */
  readonly layers: number
  readonly embedding: AdapterPair | undefined
  readonly head: AdapterPair | undefined
  /** Per layer of the model, in its canonical order; names keep `blk.<layer>.`. */
  readonly perLayer: readonly (readonly AdapterPair[])[]
}

/**
 * Compares an adapter with the model that it is to be put on, of which only the header is needed. Throws `adapter-mismatch` where it
 * was made for another one, `adapter-invalid` where its own parts do not fit each other, `adapter-unsupported` for what llama.cpp
 * would abort on, or what checking the model throws.
 */
export function checkAdapter(adapter: Gguf, model: Gguf): CheckedAdapter {
  const { architecture: name, alpha } = readAdapterFacts(adapter)
  const facts = readTransformerFacts(model)
  if (name !== facts.architecture) throw mismatch(`${name} for ${facts.architecture}`)
  const architecture = architectureNamed(name)
  if (architecture === undefined) throw unsupported(`models of the architecture ${name}`)
  checkFeatures(architecture, facts, model)
  const tensors = checkTensors(architecture, facts, model)

  const unclaimed = new Map(pairTensors(adapter).pairs.map((pair) => [pair.target, pair]))
  for (const pair of unclaimed.values()) checkPair(pair, tensors)
  const claim = (tensor: GgufTensor | undefined): readonly AdapterPair[] => {
    const pair = tensor && unclaimed.get(tensor.name)
    return pair === undefined ? [] : [pair]
  }
  const [embedding] = claim(tensors.embedding)
  const [head] = claim(tensors.head)
  const perLayer = tensors.layers.map((layer) => layer.flatMap(claim))
  return { architecture: name, alpha, layers: facts.layers, embedding, head, perLayer }
}

function checkPair(pair: AdapterPair, tensors: CheckedTensors): void {
  const { target, a, b } = pair
  const tensor = tensorAt(target, tensors)
  if (tensor === undefined) throw mismatch(`the model has no ${target}`)
  if (tensor.type.name === 'NVFP4') throw unsupported('an adapter on NVFP4 weights')
  const rank = rankOf(pair)
  if (rank > maxRank) throw unsupported(`rank ${rank}`)
  const [input = 1, output = 1, ...experts] = tensor.shape
  const isEmbedding = tensor === tensors.embedding
  if (isEmbedding && tensors.head === undefined) {
    // llama.cpp would put the pair on the head as well, where its shape does not fit, and abort.
    throw unsupported('a change of the embedding in a model that also uses it as head')
  }
  if (a.shape[isEmbedding ? 0 : 1] !== rank) {
    throw new SkeinError('adapter-invalid', `two ranks in the pair for ${target}`)
  }
  checkShape(a, isEmbedding ? [rank, output] : [input, rank, ...experts])
  checkShape(b, isEmbedding ? [rank, input] : [rank, output, ...experts])
  for (const { name, type } of [a, b]) {
    if (!type.isForWeights) throw new SkeinError('adapter-invalid', `${name} is ${type.name}`)
  }
}

function tensorAt(target: string, tensors: CheckedTensors): GgufTensor | undefined {
  const place = placeOf(target)
  if (place === 'embedding') return tensors.embedding
  if (place === 'head') return tensors.head
  const tensor = tensors.layers[place]?.find(({ name }) => name === target)
  if (tensor !== undefined && tensor.shape.length < 2) throw unsupported(`a change of ${target}`)
  return tensor
}

function checkShape({ name, shape }: GgufTensor, expected: readonly number[]): void {
  const trailing = shape.slice(expected.length)
  const isExpected =
    expected.every((dimension, axis) => shape[axis] === dimension) &&
    trailing.every((dimension) => dimension === 1)
  if (!isExpected) throw mismatch(`${name} is ${shape.join(' x ')}, not ${expected.join(' x ')}`)
}

function mismatch(detail: string): SkeinError {
  return new SkeinError('adapter-mismatch', detail)
}

function unsupported(detail: string): SkeinError {
  return new SkeinError('adapter-unsupported', detail)
}
