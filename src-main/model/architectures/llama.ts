import type { Architecture } from './architecture.ts'
import { commonMetadata, expertMetadata } from './metadata-rules.ts'
import {
  attention,
  experts,
  factsOfLayer,
  feedForward,
  optional,
  required,
  rotaryFactors,
  type HasTensor,
  type TensorRule
} from './tensor-rules.ts'
import type { TransformerFacts } from '../model-facts.ts'

/** Llama 1 to 3.3, Mistral, TinyLlama and the many models of the same shape; with experts: Mixtral. */
export const llama: Architecture = {
  name: 'llama',
  metadata: [...commonMetadata, ...expertMetadata],
  needsHead: false,
  headTensors: () => [],
  sharedTensors: rotaryFactors,
  layerTensors: llamaLayer,
  boundaryStep: () => 1
}

/** Shared with the architectures that are llama but for their hyperparameters. */
export function llamaLayer(
  facts: TransformerFacts,
  layer: number,
  has: HasTensor
): readonly TensorRule[] {
  const { feedForward: hidden } = factsOfLayer(facts, layer)
  return [
    required('attn_norm.weight', facts.width),
    ...attention(facts, layer, has),
    optional('attn_output.bias', facts.width),
    required('ffn_norm.weight', facts.width),
    ...(facts.experts > 0
      ? experts(facts, hidden)
      : [
          ...feedForward(facts, layer),
          optional('ffn_gate.bias', hidden),
          optional('ffn_up.bias', hidden),
          optional('ffn_down.bias', facts.width)
        ])
  ]
}
