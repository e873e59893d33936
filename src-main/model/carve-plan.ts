import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import { architectureNamed, boundariesOf, isRangeAllowed } from './architectures.ts'
import { carvedMetadata } from './carve-metadata.ts'
import { carvedTensors, carvedVocabularySize, copied } from './carve-tensors.ts'
import { vocabularyMetadata } from './carve-vocabulary.ts'
import { checkFeatures } from './check-features.ts'
import { checkTensors } from './check-tensors.ts'
import type { Gguf } from './gguf.ts'
import { layOutGguf, type FilePiece, type MetadataField } from './gguf-layout.ts'
import type { ByteRange } from './metadata-value.ts'
import { readModelFacts, readTransformerFacts } from './model-facts.ts'
import { sourceRanges } from './source-ranges.ts'

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
  return sourceRanges(gguf, planRange(gguf, range))
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
