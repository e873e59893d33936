import { SkeinError } from '#contract/errors.ts'
import type { ModelShape } from '#contract/placement.ts'
import { architectureNamed, boundariesOf } from './architectures.ts'
import { checkTensors } from './check-tensors.ts'
import type { Gguf, GgufTensor } from './gguf.ts'
import { readTransformerFacts, type LayerFacts } from './model-facts.ts'

/** What a stage shall be able to hold and to do at once. */
export interface StageSize {
  /** KV cells in all. */
  readonly contextTokens: number
  /** Rows of one call at most. */
  readonly batchTokens: number
}

/** Keys and values are kept in float16. */
const bytesPerCacheValue = 2
const bytesPerFloat = 4
/** llama.cpp rounds a cache up to as many cells. */
const cellsPerBlock = 256
/** Rows as wide as the model that are alive at once while a layer computes: residual, norm, queries, keys, values, attention, sum. */
const liveRows = 8

/**
 * What hosting layers of a model takes: weights exactly, KV cache as llama.cpp allocates it, compute buffers as an upper bound. Throws
 * `architecture-not-splittable` for a model without rules for its layers, and what reading and checking it throws.
 */
export function modelShape(gguf: Gguf, { contextTokens, batchTokens }: StageSize): ModelShape {
  const facts = readTransformerFacts(gguf)
  const architecture = architectureNamed(facts.architecture)
  if (architecture === undefined) {
    throw new SkeinError('architecture-not-splittable', facts.architecture)
  }
  const tensors = checkTensors(architecture, facts, gguf)
  const cells = Math.ceil(contextTokens / cellsPerBlock) * cellsPerBlock
  const cacheBytes = ({ kvHeads }: LayerFacts): number =>
    kvHeads * (facts.keyLength + facts.valueLength) * bytesPerCacheValue * cells
  const head = tensors.head ?? tensors.embedding
  const logits = facts.vocabularySize * bytesPerFloat
  return {
    layers: facts.layers,
    boundaries: boundariesOf(architecture, gguf),
    layerBytes: facts.perLayer.map(
      (layer, index) => sizeOf(tensors.layers[index] ?? []) + cacheBytes(layer)
    ),
    firstBytes: tensors.embedding.bytes,
    tailBytes: sizeOf([head, tensors.outputNorm, ...tensors.headExtras]) + logits * batchTokens,
    stageBytes: sizeOf(tensors.shared) + batchTokens * Math.max(...facts.perLayer.map(rowBytes))
  }

  /** Of one row while one layer computes, with its row of the mask; flash attention, which llama.cpp takes where it can, keeps no scores. */
  function rowBytes({ feedForward, expertFeedForward }: LayerFacts): number {
    const experts = 3 * expertFeedForward * facts.expertsUsed
    return bytesPerFloat * (liveRows * facts.width + 3 * feedForward + experts + cells)
  }
}

function sizeOf(tensors: readonly GgufTensor[]): number {
  return tensors.reduce((sum, { bytes }) => sum + bytes, 0)
}
