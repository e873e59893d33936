import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import { architectureNamed, boundariesOf, isRangeAllowed } from './architectures.ts'
import { carvedMetadata } from './carve-metadata.ts'
import { vocabularyMetadata } from './carve-vocabulary.ts'
import { checkFeatures } from './check-features.ts'
import { checkTensors, type CheckedTensors } from './check-tensors.ts'
import type { Gguf, GgufTensor } from './gguf.ts'
import {
  layOutGguf,
  type FilePiece,
  type MetadataField,
  type PlannedTensor
} from './gguf-layout.ts'
import type { ByteRange } from './metadata-value.ts'
import { readModelFacts, readTransformerFacts, type TransformerFacts } from './model-facts.ts'
import { tensorTypes, type TensorType } from './tensor-types.ts'

/**
 * Plans the file of one layer range: what to write, piece by piece, and what to copy from the model. Blocks count from 0
 * again; a range that neither embeds tokens nor computes logits has a vocabulary of one. No range holds a tokenizer:
 * stages never see text.
 *
 * Throws `range-not-allowed`, `architecture-not-splittable`, `model-feature-unsupported`, `gguf-tensor-invalid`, or
 * what reading the model's facts throws.
 */
export function planRange(gguf: Gguf, range: LayerRange): readonly FilePiece[] {
  const { architecture: name, layers } = readModelFacts(gguf)
  const architecture = architectureNamed(name)
  if (architecture === undefined) return planUnlisted(gguf, range, layers)

  refuseSplitFile(gguf)
  const facts = readTransformerFacts(gguf)
  checkFeatures(architecture, facts, gguf)
  if (!isRangeAllowed(range, boundariesOf(architecture, gguf), facts)) {
    throw new SkeinError('range-not-allowed', `[${range.first}, ${range.end}) of ${layers}`)
  }
  const tensors = checkTensors(architecture, facts, gguf)
  return layOutGguf(
    carvedMetadata(architecture, gguf, range, carvedVocabularySize(facts, range)),
    carvedTensors(tensors, facts, range)
  )
}

/** Plans a file with the tokenizer's metadata and no tensors: what tokenising and chat templates need. */
export function planVocabulary(gguf: Gguf): readonly FilePiece[] {
  return layOutGguf(vocabularyMetadata(gguf), [])
}

/** The bytes of the model that a range is made of, header first: what a peer must fetch to carve it. */
export function rangesOf(gguf: Gguf, range: LayerRange): readonly ByteRange[] {
  const header = { offset: 0, bytes: gguf.dataOffset }
  const copies = planRange(gguf, range)
    .flatMap((piece) => (piece.kind === 'copy' ? [piece.range] : []))
    .filter(({ offset }) => offset >= gguf.dataOffset)
    .toSorted((a, b) => a.offset - b.offset)
  return mergeTouching([header, ...copies])
}

/** An architecture without a row: only the whole model, with every tensor and fact as it stands in the file. */
function planUnlisted(gguf: Gguf, range: LayerRange, layers: number): readonly FilePiece[] {
  if (range.first !== 0 || range.end !== layers) {
    throw new SkeinError('architecture-not-splittable', readModelFacts(gguf).architecture)
  }
  refuseSplitFile(gguf)
  return layOutGguf(
    copiedMetadata(gguf),
    gguf.tensors.map((tensor) => copied(tensor))
  )
}

function copiedMetadata(gguf: Gguf): readonly MetadataField[] {
  return [...gguf.metadata]
    .filter(([key]) => key !== 'general.alignment')
    .map(([key, value]) => ({ key, type: 'copy', value }))
}

/** One model over several files: its other tensors are not here. */
function refuseSplitFile(gguf: Gguf): void {
  const count = gguf.metadata.get('split.count')
  if (count !== undefined && count.type !== 'array' && count.value !== 0 && count.value !== 1) {
    throw new SkeinError('model-feature-unsupported', 'a model in several files')
  }
}

function isFirst(range: LayerRange): boolean {
  return range.first === 0
}

function isLast(range: LayerRange, facts: TransformerFacts): boolean {
  return range.end === facts.layers
}

function carvedVocabularySize(facts: TransformerFacts, range: LayerRange): number {
  return isFirst(range) || isLast(range, facts) ? facts.vocabularySize : 1
}

function carvedTensors(
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

function copied(tensor: GgufTensor, name: string = tensor.name): PlannedTensor {
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

function mergeTouching(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: ByteRange[] = []
  for (const range of ranges) {
    const last = merged.at(-1)
    if (last !== undefined && last.offset + last.bytes === range.offset) {
      merged[merged.length - 1] = { offset: last.offset, bytes: last.bytes + range.bytes }
    } else {
      merged.push(range)
    }
  }
  return merged
}
