import type { Architecture } from './architecture.ts'
import { commonMetadata } from './metadata-rules.ts'
import { attention, feedForward, optional, required } from './tensor-rules.ts'

/** Qwen 2 and 2.5, and the models distilled onto them. */
export const qwen2: Architecture = {
  name: 'qwen2',
  metadata: commonMetadata,
  needsHead: false,
  headsFillWidth: true,
  headTensors: (facts) => [optional('output.bias', facts.vocabularySize)],
  sharedTensors: () => [],
  layerTensors: (facts, layer, has) => [
    required('attn_norm.weight', facts.width),
    ...attention(facts, layer, has),
    required('ffn_norm.weight', facts.width),
    ...feedForward(facts, layer)
  ],
  boundaryStep: () => 1
}
