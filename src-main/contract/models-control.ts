import { z } from 'zod'
import { layerRangeSchema, modelKeySchema } from './model.ts'
import { transferSchema } from './transfers.ts'
import { byteProgressSchema, storedFileSchema, verifyReportSchema } from './weights.ts'

/** A model as a person names it: its key, the beginning of that, its name or alias, or the name of its file. */
export const askedModelSchema = z.string().min(1).max(4096)
const transferId = z.object({ id: transferSchema.shape.id })

const verifyEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), progress: byteProgressSchema }),
  z.object({ kind: z.literal('report'), model: storedFileSchema, report: verifyReportSchema })
])
export type VerifyEvent = z.infer<typeof verifyEventSchema>

/** What may be asked about the models that this computer keeps, and about what brings them here. */
export const modelProcedures = {
  /** What was added or fetched, adapters too. */
  'models.list': { kind: 'call', input: z.object({}), output: z.array(storedFileSchema) },
  /** Throws `model-not-here`, and `invalid-input` where a name stands for several. So do all that take a name. */
  'models.show': {
    kind: 'call',
    input: z.object({ model: askedModelSchema }),
    output: storedFileSchema
  },
  /** Begins to add a model, or goes on with it; with `base`, an adapter for that model. */
  'models.add': {
    kind: 'call',
    input: z.object({
      source: askedModelSchema,
      base: askedModelSchema.optional(),
      endpoint: z.url().max(2048).optional(),
      /** Of the person's account at Hugging Face. Never written to disk. */
      token: z.string().max(1000).optional()
    }),
    output: transferSchema
  },
  /**
   * Begins to fetch a model, or some layers of it, from peers, or goes on with it; with `base`, an adapter for that model. Throws
   * `no-network`.
   */
  'models.fetch': {
    kind: 'call',
    input: z.object({
      model: modelKeySchema,
      range: layerRangeSchema.optional(),
      base: askedModelSchema.optional()
    }),
    output: transferSchema
  },
  /** Reads every byte that is here. Ends with the report. */
  'models.verify': {
    kind: 'stream',
    input: z.object({ model: askedModelSchema }),
    output: verifyEventSchema
  },
  /** A file of the person's stays; what was downloaded or came from peers is deleted. */
  'models.remove': {
    kind: 'call',
    input: z.object({ model: askedModelSchema }),
    output: z.object({ removed: storedFileSchema, keptFile: z.string().exactOptional() })
  },
  /** Whether peers may have it, once the person agreed to share models at all. */
  'models.seed': {
    kind: 'call',
    input: z.object({ model: askedModelSchema, seeding: z.boolean() }),
    output: storedFileSchema
  },
  'transfers.list': { kind: 'call', input: z.object({}), output: z.array(transferSchema) },
  /** How it is at once, then each change, until it is over. A reader that leaves changes nothing. Throws `transfer-unknown`. */
  'transfers.watch': { kind: 'stream', input: transferId, output: transferSchema },
  'transfers.pause': { kind: 'call', input: transferId, output: transferSchema },
  'transfers.resume': { kind: 'call', input: transferId, output: transferSchema },
  /** Forgets it, and what an unfinished download left. What came from peers stays until the model is removed. */
  'transfers.cancel': { kind: 'call', input: transferId, output: transferSchema }
} as const
