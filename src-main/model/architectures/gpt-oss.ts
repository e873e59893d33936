import type { Architecture } from './architecture.ts'
import { commonMetadata, expertMetadata, slidingWindowMetadata } from './metadata-rules.ts'
import { slidingWindowStep } from './sliding-window.ts'
import { attention, experts, factsOfLayer, required } from './tensor-rules.ts'

/** Without a pattern in the file, every second layer sees the whole context. */
const defaultPeriod = 2

/** gpt-oss 20B and 120B: experts with biases, attention sinks, sliding windows in turn with the whole context. */
export const gptOss: Architecture = {
  name: 'gpt-oss',
  metadata: [
    ...commonMetadata,
    ...expertMetadata,
    ...slidingWindowMetadata,
    { key: 'attention.sliding_window', type: 'u32', isRequired: true }
  ],
  needsHead: true,
  headTensors: () => [],
  sharedTensors: () => [],
  layerTensors: (facts, layer, has) => {
    const { heads, expertFeedForward: hidden } = factsOfLayer(facts, layer)
    return [
      required('attn_norm.weight', facts.width),
      ...attention(facts, layer, has, { key: facts.rotary, value: facts.rotary }),
      required('attn_output.bias', facts.width),
      required('attn_sinks.weight', heads),
      required('post_attention_norm.weight', facts.width),
      ...experts(facts, hidden),
      required('ffn_gate_inp.bias', facts.experts),
      required('ffn_gate_exps.bias', hidden, facts.experts),
      required('ffn_up_exps.bias', hidden, facts.experts),
      required('ffn_down_exps.bias', facts.width, facts.experts)
    ]
  },
  boundaryStep: (_facts, reader) => slidingWindowStep(reader, defaultPeriod)
}
