import { describe, expect, test } from 'vitest'
import { rangesOf } from '#model/carve.ts'
import { readGguf } from '#model/gguf.ts'
import { tensorTypes } from '#model/tensor-types.ts'
import type { BuiltEntry } from '#test/support/models/gguf-builder.ts'
import { MemorySource } from '#test/support/models/memory-source.ts'
import {
  randomModelBytes,
  type EditTensors,
  type RandomModelSpec,
  type TensorSketch
} from '#test/support/models/random-model.ts'

const spec: RandomModelSpec = {
  architecture: 'llama',
  layers: 2,
  width: 64,
  heads: 4,
  kvHeads: 2,
  headLength: 16,
  feedForward: 96,
  vocabulary: 32,
  type: 'F32'
}
const wholeRange = { first: 0, end: 2 }

/** The code and detail with which a range of such a file is refused; `undefined` when it is not. */
async function refusal(overrides: Partial<RandomModelSpec>, edit?: EditTensors): Promise<unknown> {
  const bytes = randomModelBytes({ ...spec, ...overrides }, edit)
  const gguf = await readGguf(new MemorySource(bytes))
  try {
    rangesOf(gguf, wholeRange)
    return undefined
  } catch (error) {
    return error
  }
}

function change(name: string, changed: Partial<TensorSketch>): EditTensors {
  return (tensors) =>
    tensors.map((tensor) => (tensor.name === name ? { ...tensor, ...changed } : tensor))
}

function remove(name: string): EditTensors {
  return (tensors) => tensors.filter((tensor) => tensor.name !== name)
}

function add(...added: readonly TensorSketch[]): EditTensors {
  return (tensors) => [...tensors, ...added]
}

test('a model that keeps to the rules is taken', async () => {
  expect(await refusal({})).toBeUndefined()
  expect(await refusal({}, change('output_norm.weight', { shape: [64, 1] }))).toBeUndefined()
})

describe('tensors that do not belong are refused', () => {
  const cases: Readonly<Record<string, EditTensors>> = {
    'a missing matrix': remove('blk.1.attn_k.weight'),
    'a missing norm': remove('output_norm.weight'),
    'no embedding': remove('token_embd.weight'),
    'a transposed matrix': change('blk.0.ffn_up.weight', { shape: [96, 64] }),
    'a matrix that is too small': change('blk.0.attn_q.weight', { shape: [64, 32] }),
    'a head for another vocabulary': change('output.weight', { shape: [64, 33] }),
    'an embedding with a third dimension': change('token_embd.weight', { shape: [64, 32, 2] }),
    'a quantised norm': change('blk.0.attn_norm.weight', { type: tensorTypes.Q4_0 }),
    'a matrix of integers': change('blk.0.attn_q.weight', { type: tensorTypes.I32 }),
    'a helper type': change('blk.0.attn_q.weight', { type: tensorTypes.Q8_1 }),
    'a tensor of another architecture': add({ name: 'blk.0.attn_sinks.weight', shape: [4] }),
    'a layer too many': add({ name: 'blk.2.attn_norm.weight', shape: [64] }),
    'a tensor of no architecture': add({ name: 'payload', shape: [1] })
  }
  test.each(Object.entries(cases))('%s', async (_, edit) => {
    expect(await refusal({}, edit)).toMatchObject({ code: 'gguf-tensor-invalid' })
  })
})

describe('metadata that cannot be is refused', () => {
  const cases: Readonly<Record<string, readonly [string, BuiltEntry]>> = {
    'no layers': ['gguf-malformed', ['block_count', 'u32', 0]],
    'more layers than llama.cpp takes': ['gguf-malformed', ['block_count', 'u32', 513]],
    'a width of text': ['gguf-malformed', ['embedding_length', 'string', '64']],
    'a fraction of a head': ['gguf-malformed', ['attention.head_count', 'f32', 4.5]],
    'no heads': ['gguf-malformed', ['attention.head_count', 'u32', 0]],
    'heads that do not share evenly': ['gguf-malformed', ['attention.head_count_kv', 'u32', 3]],
    'an array for another number of layers': [
      'gguf-malformed',
      ['feed_forward_length', 'array', 'u32', [96]]
    ],
    'an array where one value belongs': [
      'gguf-malformed',
      ['embedding_length', 'array', 'u32', [64, 64]]
    ],
    'more experts used than there are': ['gguf-malformed', ['expert_used_count', 'u32', 2]],
    'an epsilon that is no number': [
      'gguf-malformed',
      ['attention.layer_norm_rms_epsilon', 'f32', Number.NaN]
    ],
    'a negative epsilon': ['gguf-malformed', ['attention.layer_norm_rms_epsilon', 'f32', -1e-5]],
    'heads of uneven length': ['model-feature-unsupported', ['attention.value_length', 'u32', 32]],
    'embeddings for single layers': [
      'model-feature-unsupported',
      ['deepstack_mapping', 'array', 'i32', [0, 1]]
    ],
    'rotation of half a head': ['model-feature-unsupported', ['rope.dimension_count', 'u32', 8]],
    'an unknown rotary scaling': [
      'model-feature-unsupported',
      ['rope.scaling.type', 'string', 'magic']
    ],
    'attention to the future': ['model-feature-unsupported', ['attention.causal', 'bool', false]],
    'groups of experts': ['model-feature-unsupported', ['expert_group_count', 'u32', 4]],
    'layers that predict ahead': ['model-feature-unsupported', ['nextn_predict_layers', 'u32', 1]]
  }
  test.each(Object.entries(cases))('%s', async (_, [code, entry]) => {
    expect(await refusal({ metadata: [entry] })).toMatchObject({ code })
  })

  test('metadata that is missing', async () => {
    const noVocabulary: readonly BuiltEntry[] = [['tokenizer.ggml.model', 'string', 'no_vocab']]
    expect(await refusal({ tokenizer: noVocabulary })).toMatchObject({
      code: 'gguf-metadata-missing',
      detail: 'llama.vocab_size'
    })
  })

  test('heads that llama.cpp would take to fill the width', async () => {
    const qwen2 = { architecture: 'qwen2', headLength: 32, heads: 4, width: 64 }
    expect(await refusal(qwen2)).toMatchObject({ code: 'model-feature-unsupported' })
    expect(await refusal({ ...qwen2, headLength: 16 })).toBeUndefined()
  })

  test('a length of values that llama.cpp would not take from the length of keys', async () => {
    const bytes = randomModelBytes({ ...spec, headLength: 32 })
    const key = bytes.indexOf('llama.attention.value_length')
    bytes.write('x', key) // hides the key
    const gguf = await readGguf(new MemorySource(bytes))
    expect(() => rangesOf(gguf, wholeRange)).toThrow(
      expect.objectContaining({ code: 'model-feature-unsupported' })
    )
  })

  test('metadata without which llama.cpp does not load', async () => {
    const gptOss = { architecture: 'gpt-oss', experts: 2, expertsUsed: 1, expertFeedForward: 32 }
    expect(await refusal(gptOss)).toMatchObject({
      code: 'gguf-metadata-missing',
      detail: 'gpt-oss.attention.sliding_window'
    })
  })

  test('a part of a model in several files', async () => {
    const tokenizer: readonly BuiltEntry[] = [
      ['llama.vocab_size', 'u32', 32],
      ['split.count', 'u16', 3]
    ]
    expect(await refusal({ tokenizer })).toMatchObject({ code: 'model-feature-unsupported' })
  })
})
