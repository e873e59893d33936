import type { Architecture } from './architecture.ts'
import { commonMetadata, slidingWindowMetadata } from './metadata-rules.ts'
import { slidingWindowStep } from './sliding-window.ts'
import { attention, feedForward, queryKeyNorms, required } from './tensor-rules.ts'

/** Without a pattern in the file, every sixth layer sees the whole context. */
const defaultPeriod = 6

/** llama.cpp knows the 27B model by its number of layers and scales its attention differently: a range would lose that. */
const layersOf27B = 62

/**
 * Gemma 3, text only. llama.cpp multiplies embeddings of tokens by the square root of the width, and leaves a
 * boundary as it is, so that only the first range does it.
 */
export const gemma3: Architecture = {
  name: 'gemma3',
  metadata: [
    ...commonMetadata,
    ...slidingWindowMetadata,
    { key: 'attention.sliding_window', type: 'u32' },
    { key: 'final_logit_softcapping', type: 'f32' }
  ],
  needsHead: false,
  headTensors: () => [],
  sharedTensors: () => [],
  layerTensors: (facts, layer, has) => [
    required('attn_norm.weight', facts.width),
    ...attention(facts, layer, has),
    ...queryKeyNorms(facts),
    required('post_attention_norm.weight', facts.width),
    required('ffn_norm.weight', facts.width),
    ...feedForward(facts, layer),
    required('post_ffw_norm.weight', facts.width)
  ],
  boundaryStep: (facts, reader) => {
    if (facts.layers >= layersOf27B) return 'whole'
    return reader.has('attention.sliding_window') ? slidingWindowStep(reader, defaultPeriod) : 1
  }
}
