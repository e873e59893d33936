import type { Architecture } from './architecture.ts'
import { llamaLayer } from './llama.ts'
import { commonMetadata, expertMetadata } from './metadata-rules.ts'
import { rotaryFactors } from './tensor-rules.ts'

/** Ministral 3 and the Mistral models of its kind: llama with an attention temperature that follows the position. */
export const mistral3: Architecture = {
  name: 'mistral3',
  metadata: [
    ...commonMetadata,
    ...expertMetadata,
    { key: 'attention.temperature_scale', type: 'f32' },
    { key: 'rope.scaling.yarn_beta_fast', type: 'f32' },
    { key: 'rope.scaling.yarn_beta_slow', type: 'f32' },
    { key: 'rope.scaling.yarn_log_multiplier', type: 'f32' }
  ],
  needsHead: false,
  headTensors: () => [],
  sharedTensors: rotaryFactors,
  layerTensors: llamaLayer,
  boundaryStep: () => 1
}
