import type { Architecture } from './architecture.ts'
import { commonMetadata } from './metadata-rules.ts'
import { attention, feedForward, required } from './tensor-rules.ts'

/** Every fourth layer has no rotary embedding, counted by its index. */
const period = 4

/** SmolLM 3. */
export const smollm3: Architecture = {
  name: 'smollm3',
  metadata: commonMetadata,
  needsHead: false,
  headTensors: () => [],
  sharedTensors: () => [],
  layerTensors: (facts, layer, has) => [
    required('attn_norm.weight', facts.width),
    ...attention(facts, layer, has),
    required('ffn_norm.weight', facts.width),
    ...feedForward(facts, layer)
  ],
  boundaryStep: () => period
}
