/** How a metadata value travels into a carved file; the name of a type is that of the value that llama.cpp reads. */
export interface MetadataRule {
  /** Without `<architecture>.` before it. */
  readonly key: string
  /** `u32s`: one for all layers, or an array with one for each, of which a range keeps its own. */
  readonly type: 'u32' | 'u32s' | 'f32' | 'bool' | 'string'
  /** llama.cpp does not load a file without it. */
  readonly isRequired?: true
  /** Concerns the embedding of tokens: the other ranges must not have it. */
  readonly isForFirstRange?: true
  /** llama.cpp reads the key only where it holds a single value. */
  readonly isIgnoredAsArray?: true
}

/** What llama.cpp reads for every architecture of the table. */
export const commonMetadata: readonly MetadataRule[] = [
  { key: 'context_length', type: 'u32' },
  { key: 'embedding_length', type: 'u32' },
  { key: 'feed_forward_length', type: 'u32s' },
  { key: 'attention.head_count', type: 'u32s' },
  { key: 'attention.head_count_kv', type: 'u32s' },
  { key: 'attention.key_length', type: 'u32' },
  { key: 'attention.value_length', type: 'u32' },
  { key: 'attention.layer_norm_rms_epsilon', type: 'f32', isRequired: true },
  { key: 'rope.dimension_count', type: 'u32' },
  { key: 'rope.freq_base', type: 'f32' },
  { key: 'rope.scale_linear', type: 'f32' },
  { key: 'rope.scaling.type', type: 'string' },
  { key: 'rope.scaling.factor', type: 'f32' },
  { key: 'rope.scaling.attn_factor', type: 'f32' },
  { key: 'rope.scaling.original_context_length', type: 'u32' },
  { key: 'rope.scaling.finetuned', type: 'bool' }
]

export const expertMetadata: readonly MetadataRule[] = [
  { key: 'expert_count', type: 'u32' },
  { key: 'expert_used_count', type: 'u32' },
  { key: 'expert_feed_forward_length', type: 'u32s' }
]

/** Beside `attention.sliding_window` itself, which some architectures need and others may lack. */
export const slidingWindowMetadata: readonly MetadataRule[] = [
  { key: 'attention.sliding_window_pattern', type: 'u32', isIgnoredAsArray: true },
  { key: 'rope.freq_base_swa', type: 'f32' }
]
