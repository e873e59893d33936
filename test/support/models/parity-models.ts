import type { RandomModelSpec } from './random-model.ts'

const dense = {
  layers: 6,
  width: 128,
  heads: 4,
  kvHeads: 2,
  headLength: 32,
  feedForward: 192,
  vocabulary: 300
} as const

const qwenBiases = ['attn_q.bias', 'attn_k.bias', 'attn_v.bias']

/** Small random models, at least one for each architecture of the table and one for each of its traps. */
export const parityModels: Readonly<Record<string, RandomModelSpec>> = {
  'llama F32': { ...dense, architecture: 'llama', type: 'F32' },
  'llama Q4_0, tied head, rotary factors': {
    ...dense,
    architecture: 'llama',
    type: 'Q4_0',
    isTied: true,
    optionalTensors: ['rope_freqs.weight']
  },
  'llama Q8_0, sizes given for each layer': {
    ...dense,
    architecture: 'llama',
    type: 'Q8_0',
    metadata: [
      ['attention.head_count_kv', 'array', 'u32', [2, 2, 2, 2, 2, 2]],
      ['feed_forward_length', 'array', 'i32', [192, 192, 192, 192, 192, 192]]
    ]
  },
  'llama with experts': {
    ...dense,
    architecture: 'llama',
    type: 'Q8_0',
    experts: 4,
    expertsUsed: 2
  },
  'mistral3, attention temperature': {
    ...dense,
    architecture: 'mistral3',
    type: 'Q8_0',
    metadata: [
      ['attention.temperature_scale', 'f32', 0.1],
      ['rope.scaling.type', 'string', 'yarn'],
      ['rope.scaling.factor', 'f32', 4],
      ['rope.scaling.original_context_length', 'u32', 8],
      ['rope.scaling.yarn_beta_fast', 'f32', 32],
      ['rope.scaling.yarn_beta_slow', 'f32', 1],
      ['rope.scaling.yarn_log_multiplier', 'f32', 1]
    ]
  },
  'qwen2, biases': {
    ...dense,
    architecture: 'qwen2',
    type: 'Q4_0',
    optionalTensors: [...qwenBiases, 'output.bias']
  },
  'qwen3, tied head': { ...dense, architecture: 'qwen3', type: 'Q8_0', isTied: true },
  qwen3moe: {
    ...dense,
    architecture: 'qwen3moe',
    type: 'Q8_0',
    experts: 8,
    expertsUsed: 2,
    expertFeedForward: 64
  },
  'gemma3, tied head, a last range of sliding layers only': {
    ...dense,
    architecture: 'gemma3',
    layers: 8,
    type: 'Q8_0',
    isTied: true,
    metadata: [
      ['attention.sliding_window', 'u32', 6],
      ['attention.sliding_window_pattern', 'u32', 3],
      ['rope.freq_base', 'f32', 1_000_000],
      ['final_logit_softcapping', 'f32', 30]
    ]
  },
  'gemma3, pattern not in the file': {
    ...dense,
    architecture: 'gemma3',
    layers: 13,
    type: 'Q8_0',
    metadata: [['attention.sliding_window', 'u32', 6]]
  },
  'gpt-oss': {
    ...dense,
    architecture: 'gpt-oss',
    type: 'Q8_0',
    experts: 4,
    expertsUsed: 2,
    expertFeedForward: 64,
    optionalTensors: qwenBiases,
    metadata: [
      ['attention.sliding_window', 'u32', 6],
      ['rope.freq_base', 'f32', 150_000]
    ]
  },
  'granite, scales': {
    ...dense,
    architecture: 'granite',
    type: 'Q8_0',
    metadata: [
      ['logit_scale', 'f32', 0.5],
      ['residual_scale', 'f32', 0.7],
      ['embedding_scale', 'f32', 12],
      ['attention.scale', 'f32', 0.15]
    ]
  },
  'phi3, fused matrices, part of each head rotated': {
    ...dense,
    architecture: 'phi3',
    type: 'Q4_0',
    optionalTensors: ['attn_qkv.weight'],
    metadata: [['rope.dimension_count', 'u32', 24]]
  },
  'smollm3, layers without rotation': {
    ...dense,
    architecture: 'smollm3',
    layers: 10,
    type: 'Q8_0',
    isTied: true
  }
}
