import { SkeinError } from '#contract/errors.ts'
import { isAdapter } from './adapter/is-adapter.ts'
import type { Gguf } from './gguf.ts'
import { MetadataReader } from './metadata-reader.ts'

/** llama.cpp's own limits (`LLAMA_MAX_LAYERS`, `LLAMA_MAX_EXPERTS`): above them it would abort. */
const engineMaxLayers = 512
const engineMaxExperts = 1024
const maxWidth = 1_000_000
const maxFeedForward = 16_777_216
const maxVocabulary = 4_000_000

/** What every architecture's shapes are computed from; names in brackets are llama.cpp's. */
export interface ModelFacts {
  readonly architecture: string
  readonly layers: number
  /** Values per token between layers (n_embd). */
  readonly width: number
  readonly vocabularySize: number
  readonly contextLength: number
}

/** What the shapes inside one layer are computed from. */
export interface LayerFacts {
  readonly heads: number
  readonly kvHeads: number
  /** Hidden values of the feed-forward network; 0 where the file gives none. */
  readonly feedForward: number
  /** Hidden values of one expert; 0 where the file gives none. */
  readonly expertFeedForward: number
}

export interface TransformerFacts extends ModelFacts {
  /** One entry for each layer. */
  readonly perLayer: readonly LayerFacts[]
  /** Values per head of queries and keys, and of values. */
  readonly keyLength: number
  readonly valueLength: number
  /** Values of a head that rotary embedding turns (n_rot). */
  readonly rotary: number
  /** 0 for a dense model. */
  readonly experts: number
  readonly expertsUsed: number
}

/**
 * The facts that any model has, listed architecture or not. Throws `gguf-metadata-missing`, `gguf-malformed` or
 * `model-is-adapter`.
 */
export function readModelFacts(gguf: Gguf): ModelFacts {
  if (isAdapter(gguf)) throw new SkeinError('model-is-adapter')
  const architecture = architectureOf(gguf)
  const reader = new MetadataReader(gguf, architecture)
  return {
    architecture,
    layers: reader.integer('block_count', 1, engineMaxLayers),
    width: reader.integer('embedding_length', 1, maxWidth),
    vocabularySize: vocabularySizeOf(gguf, reader),
    contextLength: reader.integer('context_length', 1, 2 ** 31 - 1)
  }
}

/** The facts of a transformer with attention heads and a feed-forward network in each layer. */
export function readTransformerFacts(gguf: Gguf): TransformerFacts {
  const facts = readModelFacts(gguf)
  const { layers, width } = facts
  const reader = new MetadataReader(gguf, facts.architecture)
  const heads = reader.perLayer('attention.head_count', layers, 1, 65_536)
  const kvHeads = reader.perLayer('attention.head_count_kv', layers, 1, 65_536, heads)
  const feedForward = reader.perLayer('feed_forward_length', layers, 0, maxFeedForward, 0)
  const expertFeedForward = reader.perLayer(
    'expert_feed_forward_length',
    layers,
    0,
    maxFeedForward,
    0
  )
  const [firstHeads = 1] = heads
  // Each by itself, as llama.cpp does: the one does not stand in for the other.
  const evenLength = Math.floor(width / firstHeads)
  const keyLength = reader.integer('attention.key_length', 1, maxWidth, evenLength)
  const valueLength = reader.integer('attention.value_length', 1, maxWidth, evenLength)
  const experts = reader.integer('expert_count', 0, engineMaxExperts, 0)
  const expertsUsed = reader.integer('expert_used_count', 0, engineMaxExperts, 0)
  if (expertsUsed > experts || (experts > 0 && expertsUsed === 0)) {
    throw new SkeinError('gguf-malformed', `uses ${expertsUsed} of ${experts} experts`)
  }
  return {
    ...facts,
    perLayer: heads.map((count, layer) => ({
      heads: count,
      kvHeads: grouped(count, kvHeads[layer] ?? count),
      feedForward: feedForward[layer] ?? 0,
      expertFeedForward: expertFeedForward[layer] ?? 0
    })),
    keyLength,
    valueLength,
    rotary: reader.integer('rope.dimension_count', 1, maxWidth, keyLength),
    experts,
    expertsUsed
  }
}

export function architectureOf(gguf: Gguf): string {
  const entry = gguf.metadata.get('general.architecture')
  if (entry?.type !== 'string' || typeof entry.value !== 'string') {
    throw new SkeinError('gguf-metadata-missing', 'general.architecture')
  }
  // It becomes part of keys and messages.
  if (!/^[\w.-]{1,64}$/.test(entry.value)) {
    throw new SkeinError('gguf-malformed', 'general.architecture')
  }
  return entry.value
}

function grouped(heads: number, kvHeads: number): number {
  if (heads % kvHeads !== 0) {
    throw new SkeinError('gguf-malformed', `${heads} heads share ${kvHeads} key-value heads`)
  }
  return kvHeads
}

/** As llama.cpp counts it: the tokens listed, or `vocab_size` for a file without tokenizer. */
function vocabularySizeOf(gguf: Gguf, reader: MetadataReader): number {
  const tokens = gguf.metadata.get('tokenizer.ggml.tokens')
  if (tokens?.type !== 'array') return reader.integer('vocab_size', 1, maxVocabulary)
  if (tokens.count < 1) throw new SkeinError('gguf-malformed', 'tokenizer.ggml.tokens is empty')
  return tokens.count
}
