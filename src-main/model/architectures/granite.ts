import type { Architecture } from './architecture.ts'
import { llamaLayer } from './llama.ts'
import { commonMetadata } from './metadata-rules.ts'
import { rotaryFactors } from './tensor-rules.ts'

/**
 * Granite 3 and 4, dense: llama with scales of its own. llama.cpp applies the embedding's scale to whatever comes in,
 * tokens or a boundary, so that only the first range may keep it.
 */
export const granite: Architecture = {
  name: 'granite',
  metadata: [
    ...commonMetadata,
    { key: 'logit_scale', type: 'f32', isRequired: true },
    { key: 'residual_scale', type: 'f32' },
    { key: 'embedding_scale', type: 'f32', isForFirstRange: true },
    { key: 'attention.scale', type: 'f32' }
  ],
  needsHead: false,
  headTensors: () => [],
  sharedTensors: rotaryFactors,
  layerTensors: llamaLayer,
  boundaryStep: () => 1
}
