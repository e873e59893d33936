import { z } from 'zod'
import { errorValueSchema } from './errors.ts'
import { layerRangeSchema, modelKeySchema } from './model.ts'
import { fetchProgressSchema, importProgressSchema, storedFileSchema } from './weights.ts'

/** The model that an adapter is for; absent for a model. */
const baseSchema = modelKeySchema.exactOptional()

/** What brings a model, or an adapter, onto this computer. */
const transferTaskSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('add'),
    /** The whole path of a file, `hf:<owner>/<repository>/<file>`, or an https address. */
    source: z.string().min(1).max(4096),
    /** A mirror of Hugging Face. */
    endpoint: z.url().max(2048).exactOptional(),
    base: baseSchema
  }),
  z.object({
    kind: z.literal('fetch'),
    model: modelKeySchema,
    /** All layers when absent. */
    range: layerRangeSchema.exactOptional(),
    base: baseSchema
  })
])
export type TransferTask = Readonly<z.infer<typeof transferTaskSchema>>

/** `waiting`: it could not go on, for the reason that `error` names, and tries again by itself. `paused`: until the person says so. */
const keptStates = ['running', 'waiting', 'paused'] as const
/** `failed`: `error` says why; it can be started again, and goes on where it stopped. */
const transferStates = [...keptStates, 'failed', 'done', 'cancelled'] as const
export type TransferState = (typeof transferStates)[number]

export const transferSchema = z.object({
  /** The same task has the same one, always: a path, an address, or a key with the layers behind it. */
  id: z.string().min(1).max(5000),
  task: transferTaskSchema,
  state: z.enum(transferStates),
  /** Absent until something is known. */
  progress: z.union([importProgressSchema, fetchProgressSchema]).exactOptional(),
  error: errorValueSchema.exactOptional(),
  /** Once it is done. */
  model: storedFileSchema.exactOptional()
})
export type Transfer = Readonly<z.infer<typeof transferSchema>>

/** Whether it is over: nothing more will be heard of it. */
export function isOver({ state }: Pick<Transfer, 'state'>): boolean {
  return state === 'done' || state === 'cancelled'
}

/** What is kept over a restart. */
export const keptTransfersSchema = z.object({
  version: z.literal(1),
  transfers: z.array(z.object({ task: transferTaskSchema, state: z.enum(keptStates) }))
})
