import { SkeinError } from '#contract/errors.ts'
import type { Gguf } from './gguf.ts'
import type { MetadataField } from './gguf-layout.ts'
import type { MetadataValue, ScalarType } from './metadata-value.ts'
import { architectureOf } from './model-facts.ts'

type Kind = 'string' | 'bool' | 'u32' | 'strings' | 'i32s'

/**
 * What llama.cpp reads of a tokenizer, by the kind of value. The compiled character maps of T5 stay behind: native code
 * would have to trust them, and no model that answers in a chat has one.
 */
const tokenizerKeys: Readonly<Record<string, Kind>> = {
  'tokenizer.ggml.model': 'string',
  'tokenizer.ggml.pre': 'string',
  'tokenizer.ggml.tokens': 'strings',
  'tokenizer.ggml.merges': 'strings',
  'tokenizer.ggml.suppress_tokens': 'i32s',
  'tokenizer.ggml.bos_token_id': 'u32',
  'tokenizer.ggml.eos_token_id': 'u32',
  'tokenizer.ggml.eot_token_id': 'u32',
  'tokenizer.ggml.eom_token_id': 'u32',
  'tokenizer.ggml.unknown_token_id': 'u32',
  'tokenizer.ggml.seperator_token_id': 'u32', // as llama.cpp spells it
  'tokenizer.ggml.padding_token_id': 'u32',
  'tokenizer.ggml.mask_token_id': 'u32',
  'tokenizer.ggml.fim_pre_token_id': 'u32',
  'tokenizer.ggml.fim_suf_token_id': 'u32',
  'tokenizer.ggml.fim_mid_token_id': 'u32',
  'tokenizer.ggml.fim_pad_token_id': 'u32',
  'tokenizer.ggml.fim_rep_token_id': 'u32',
  'tokenizer.ggml.fim_sep_token_id': 'u32',
  'tokenizer.ggml.add_bos_token': 'bool',
  'tokenizer.ggml.add_eos_token': 'bool',
  'tokenizer.ggml.add_sep_token': 'bool',
  'tokenizer.ggml.add_space_prefix': 'bool',
  'tokenizer.ggml.remove_extra_whitespaces': 'bool',
  'tokenizer.chat_template': 'string'
}

/** Arrays that must have an entry for each token. */
const perTokenKeys: Readonly<Record<string, readonly ScalarType[]>> = {
  'tokenizer.ggml.scores': ['f32', 'i32'],
  'tokenizer.ggml.token_type': ['i32']
}

/**
 * The metadata that makes a vocabulary: the tokenizer's known keys, each of the type that llama.cpp takes it for.
 * Throws `gguf-malformed` or `gguf-metadata-missing`.
 */
export function vocabularyMetadata(gguf: Gguf): readonly MetadataField[] {
  const architecture = architectureOf(gguf)
  const size = gguf.metadata.get(`${architecture}.vocab_size`)
  return [
    { key: 'general.architecture', type: 'string', value: architecture },
    ...(size?.type === 'u32' ? [copy(`${architecture}.vocab_size`, size)] : []),
    ...Object.entries(tokenizerKeys).flatMap(([key, kind]) => {
      const value = gguf.metadata.get(key)
      if (value === undefined) return []
      return isOfKind(value, kind) ? [copy(key, value)] : wrong(key)
    }),
    ...Object.entries(perTokenKeys).flatMap(([key, elements]) => {
      const value = gguf.metadata.get(key)
      if (value === undefined) return []
      const isRight = isArrayOf(value, ...elements) && value.count === tokenCount(gguf)
      return isRight ? [copy(key, value)] : wrong(key)
    })
  ]
}

function isOfKind(value: MetadataValue, kind: Kind): boolean {
  if (kind === 'strings') return isArrayOf(value, 'string')
  if (kind === 'i32s') return isArrayOf(value, 'i32')
  return value.type === kind
}

function isArrayOf(
  value: MetadataValue,
  ...elements: readonly ScalarType[]
): value is Extract<MetadataValue, { type: 'array' }> {
  return value.type === 'array' && elements.includes(value.element)
}

function tokenCount(gguf: Gguf): number {
  const tokens = gguf.metadata.get('tokenizer.ggml.tokens')
  return tokens?.type === 'array' ? tokens.count : 0
}

function copy(key: string, value: MetadataValue): MetadataField {
  return { key, type: 'copy', value }
}

function wrong(key: string): never {
  throw new SkeinError('gguf-malformed', key)
}
