import { z } from 'zod'
import { maxLayers, modelKeySchema, type ModelInfo } from './model.ts'

/**
 * A low-rank adapter (LoRA): small matrices that change what some matrices of a model do. A file of its own with a key of its own,
 * like a model's; of use only on the model that it was made for. Derived from the file's bytes, never from a peer's word.
 */
export const adapterInfoSchema = z.object({
  kind: z.literal('adapter'),
  key: modelKeySchema,
  /** `general.name`, or the file's name where it is absent. */
  name: z.string(),
  /** Of the models that it fits. */
  architecture: z.string(),
  bytes: z.int().positive(),
  parameters: z.int().positive(),
  /** The largest rank of its pairs of matrices. */
  rank: z.int().positive(),
  /** What it adds is scaled by `alpha / rank`; by 1 where alpha is 0. */
  alpha: z.number(),
  /** Layers that it changes, ascending. */
  layers: z.array(
    z
      .int()
      .min(0)
      .max(maxLayers - 1)
  ),
  /** Whether it changes how tokens are embedded: the first stage's concern. */
  changesEmbedding: z.boolean(),
  /** Whether it changes how logits are made: the last stage's concern. */
  changesHead: z.boolean(),
  /** Norms in the file, which llama.cpp does not apply. */
  ignoredTensors: z.int().nonnegative()
})
export type AdapterInfo = Readonly<z.infer<typeof adapterInfoSchema>>

/** The model with the adapter on it, as another model to choose from. */
export function adapted(model: ModelInfo, adapter: Pick<AdapterInfo, 'key' | 'name'>): ModelInfo {
  return { ...model, name: `${model.name}+${adapter.name}`, adapter: adapter.key }
}
