import { z } from 'zod'

/** The Hypercore key of a model's bytes: 32 bytes as lower-case hex. */
export const modelKeySchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'ModelKey'>()
export type ModelKey = z.infer<typeof modelKeySchema>

/** No open model of 2026 has more blocks; a larger number is damage or malice. */
export const maxLayers = 1024

/** Layers `[first, end)`, counted from 0. */
export const layerRangeSchema = z
  .object({
    first: z.int().min(0).max(maxLayers),
    end: z.int().min(1).max(maxLayers)
  })
  .refine((range) => range.first < range.end, 'a range needs at least one layer')
export type LayerRange = Readonly<z.infer<typeof layerRangeSchema>>

/** What a person and a planner need to know of a model; derived from the file's bytes, never from a peer's word. */
export const modelInfoSchema = z.object({
  key: modelKeySchema,
  /** `general.name`, or the file's name where it is absent. */
  name: z.string(),
  architecture: z.string(),
  layers: z.int().positive(),
  /** `n_embd`: values per token in a boundary. */
  width: z.int().positive(),
  vocabularySize: z.int().positive(),
  /** Tokens that the model was made for. */
  contextLength: z.int().positive(),
  bytes: z.int().positive(),
  parameters: z.int().positive(),
  /** The most frequent type of its matrices, such as `Q4_K`. */
  quantisation: z.string(),
  /** Where a range may begin, ascending, 0 first; a model that is served whole only has `[0]`. */
  boundaries: z.array(z.int().min(0)),
  /** The adapter that is on it: for whoever asks another model, of the same layers. The other fields are the model's own. */
  adapter: modelKeySchema.exactOptional()
})
export type ModelInfo = z.infer<typeof modelInfoSchema>

/** What asks for this model and no other: its key, with the adapter's behind a plus where there is one. */
export function keyToAsk({ key, adapter }: Pick<ModelInfo, 'key' | 'adapter'>): string {
  return adapter === undefined ? key : `${key}+${adapter}`
}
