import type { LayerRange } from '#contract/model.ts'
import type { CheckedTensors } from './check-tensors.ts'
import type { GgufTensor } from './gguf.ts'
import type { PlannedTensor } from './gguf-layout.ts'
import type { TransformerFacts } from './model-facts.ts'
import { tensorTypes, type TensorType } from './tensor-types.ts'

function isFirst(range: LayerRange): boolean {
  return range.first === 0
}

function isLast(range: LayerRange, facts: TransformerFacts): boolean {
  return range.end === facts.layers
}

/** Tokens that a range knows: all where tokens come in or go out, else one, since llama.cpp takes no fewer. */
export function carvedVocabularySize(facts: TransformerFacts, range: LayerRange): number {
  return isFirst(range) || isLast(range, facts) ? facts.vocabularySize : 1
}

/** The tensors of a carved range in canonical order, blocks numbered from 0. */
export function carvedTensors(
  tensors: CheckedTensors,
  facts: TransformerFacts,
  range: LayerRange
): readonly PlannedTensor[] {
  const vocabulary = [facts.width, carvedVocabularySize(facts, range)]
  const blocks = tensors.layers
    .slice(range.first, range.end)
    .flatMap((layer, index) =>
      layer.map((tensor) => renumbered(tensor, range.first + index, index))
    )
  return [
    keepsEmbedding(tensors, facts, range)
      ? copied(tensors.embedding)
      : hollow('token_embd.weight', vocabulary),
    ...tensors.shared.map((tensor) => copied(tensor)),
    ...blocks,
    copied(tensors.outputNorm),
    ...(isLast(range, facts)
      ? [tensors.head ?? [], tensors.headExtras].flat().map((tensor) => copied(tensor))
      : [hollow('output.weight', vocabulary)])
  ]
}

/** The first range embeds tokens; the last may use the embedding as its head. */
function keepsEmbedding(
  tensors: CheckedTensors,
  facts: TransformerFacts,
  range: LayerRange
): boolean {
  return isFirst(range) || (isLast(range, facts) && tensors.head === undefined)
}

function renumbered(tensor: GgufTensor, from: number, to: number): PlannedTensor {
  return copied(tensor, tensor.name.replace(`blk.${from}.`, `blk.${to}.`))
}

/** A tensor as it stands in the model. */
export function copied(tensor: GgufTensor, name: string = tensor.name): PlannedTensor {
  const { type, shape, offset, bytes } = tensor
  return { name, type, shape, data: { offset, bytes } }
}

/**
 * llama.cpp loads no model without embedding, and makes a second copy of it where the head is absent. A range that
 * uses neither holds zeros in the smallest type that fits: pages that are never touched, in a file with holes.
 */
function hollow(name: string, shape: readonly number[]): PlannedTensor {
  return { name, type: smallestType(shape[0] ?? 1), shape, data: 'zeros' }
}

function smallestType(width: number): TensorType {
  const { Q1_0, Q2_0, Q4_0, F16 } = tensorTypes
  return [Q1_0, Q2_0, Q4_0].find((type) => width % type.blockValues === 0) ?? F16
}
