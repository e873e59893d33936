import { modelKeySchema } from '#contract/model.ts'
import type { ModelShape } from '#contract/placement.ts'

/** KV cells that a stage offers: four conversations of 4096 tokens. */
const contextTokens = 16_384
/** Of a layer with 8 key-value heads of 128 values, in float16: keys and values of one token. */
const cacheBytesPerToken = 2 * 8 * 128 * 2

const layers = 80

/** A model of Llama-3.1-70B's shape in Q4_K_M: 42.5 GB, 80 layers of 506 MB, which may be cut anywhere. */
export const simModel = {
  key: modelKeySchema.parse('7'.repeat(64)),
  weightBytesPerLayer: 506e6,
  contextTokens,
  slots: 4,
  width: 8192,
  shape: {
    layers,
    boundaries: Array.from({ length: layers }, (_, layer) => layer),
    layerBytes: Array.from({ length: layers }, () => 506e6 + contextTokens * cacheBytesPerToken),
    firstBytes: 590e6,
    tailBytes: 860e6,
    stageBytes: 300e6
  } satisfies ModelShape
} as const
