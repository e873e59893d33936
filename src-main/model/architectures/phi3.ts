import type { Architecture } from './architecture.ts'
import { commonMetadata } from './metadata-rules.ts'
import { attention, factsOfLayer, matrix, required, rotaryFactors } from './tensor-rules.ts'

/** Phi 3, 3.5 and 4: gate and up fused in one matrix. llama.cpp ignores the sliding window that some files name. */
export const phi3: Architecture = {
  name: 'phi3',
  metadata: commonMetadata,
  needsHead: false,
  headsFillWidth: true,
  rotatesPartOfHead: true,
  headTensors: () => [],
  sharedTensors: rotaryFactors,
  layerTensors: (facts, layer, has) => {
    const { feedForward: hidden } = factsOfLayer(facts, layer)
    return [
      required('attn_norm.weight', facts.width),
      ...attention(facts, layer, has),
      required('ffn_norm.weight', facts.width),
      ...matrix('ffn_up', facts.width, 2 * hidden),
      ...matrix('ffn_down', hidden, facts.width)
    ]
  },
  boundaryStep: () => 1
}
