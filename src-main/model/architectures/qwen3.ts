import type { Architecture } from './architecture.ts'
import { commonMetadata, expertMetadata } from './metadata-rules.ts'
import {
  attention,
  experts,
  factsOfLayer,
  feedForward,
  queryKeyNorms,
  required
} from './tensor-rules.ts'

/** Qwen 3, dense. */
export const qwen3: Architecture = {
  name: 'qwen3',
  metadata: commonMetadata,
  needsHead: false,
  headTensors: () => [],
  sharedTensors: () => [],
  layerTensors: (facts, layer, has) => [
    required('attn_norm.weight', facts.width),
    ...attention(facts, layer, has),
    ...queryKeyNorms(facts),
    required('ffn_norm.weight', facts.width),
    ...feedForward(facts, layer)
  ],
  boundaryStep: () => 1
}

/** Qwen 3 with experts (30B-A3B, 235B-A22B). */
export const qwen3moe: Architecture = {
  name: 'qwen3moe',
  metadata: [...commonMetadata, ...expertMetadata],
  needsHead: false,
  headTensors: () => [],
  sharedTensors: () => [],
  layerTensors: (facts, layer, has) => {
    const { feedForward: hidden, expertFeedForward } = factsOfLayer(facts, layer)
    return [
      required('attn_norm.weight', facts.width),
      ...attention(facts, layer, has),
      ...queryKeyNorms(facts),
      required('ffn_norm.weight', facts.width),
      ...experts(facts, expertFeedForward || Math.floor(hidden / facts.expertsUsed))
    ]
  },
  boundaryStep: () => 1
}
