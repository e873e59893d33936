import type { LayerRange } from '#contract/model.ts'
import type { Architecture } from './architectures/architecture.ts'
import { gemma3 } from './architectures/gemma3.ts'
import { gptOss } from './architectures/gpt-oss.ts'
import { granite } from './architectures/granite.ts'
import { llama } from './architectures/llama.ts'
import { mistral3 } from './architectures/mistral3.ts'
import { phi3 } from './architectures/phi3.ts'
import { qwen2 } from './architectures/qwen2.ts'
import { qwen3, qwen3moe } from './architectures/qwen3.ts'
import { smollm3 } from './architectures/smollm3.ts'
import type { Gguf } from './gguf.ts'
import { MetadataReader } from './metadata-reader.ts'
import { readTransformerFacts, type TransformerFacts } from './model-facts.ts'

export type { Architecture } from './architectures/architecture.ts'

/** The architectures that may be split; any other is served whole only. */
export const architectures: readonly Architecture[] = [
  llama,
  mistral3,
  qwen2,
  qwen3,
  qwen3moe,
  gemma3,
  gptOss,
  granite,
  phi3,
  smollm3
]

const byName = new Map(architectures.map((architecture) => [architecture.name, architecture]))

export function architectureNamed(name: string): Architecture | undefined {
  return byName.get(name)
}

/**
 * llama.cpp picks one of two sets of rotary factors by the size of the context that a stage was given, so that two
 * stages with different contexts would not make one model.
 */
function rotatesByContext(gguf: Gguf): boolean {
  return gguf.tensors.some(({ name }) => name === 'rope_factors_long.weight')
}

/** Where a range may begin, ascending, 0 first. */
export function boundariesOf(architecture: Architecture, gguf: Gguf): readonly number[] {
  if (rotatesByContext(gguf)) return [0]
  const facts = readTransformerFacts(gguf)
  const step = architecture.boundaryStep(facts, new MetadataReader(gguf, architecture.name))
  if (step === 'whole') return [0]
  return Array.from({ length: Math.ceil(facts.layers / step) }, (_, index) => index * step)
}

/** Whether a range may be carved out of a model that is cut at `boundaries`. */
export function isRangeAllowed(
  range: LayerRange,
  boundaries: readonly number[],
  facts: Pick<TransformerFacts, 'layers'>
): boolean {
  const begins = boundaries.includes(range.first)
  const ends = range.end === facts.layers || boundaries.includes(range.end)
  return begins && ends && range.first < range.end
}
