import { z } from 'zod'
import { layerRangeSchema, modelInfoSchema, modelKeySchema } from './model.ts'
import { errorValueSchema } from './errors.ts'
import { peerKeySchema } from './peer.ts'
import { lendingStates, reasonNames } from './reasons.ts'
import { transferSchema } from './transfers.ts'
import { monthlyUsageSchema } from './weights.ts'

/** A stage that this peer hosts. */
export const hostedStageSchema = z.object({
  model: modelKeySchema,
  /** The adapter that is on the model. */
  adapter: modelKeySchema.exactOptional(),
  range: layerRangeSchema,
  state: z.enum(['preparing', 'loading', 'ready', 'draining', 'failed']),
  sessions: z.int().nonnegative(),
  slots: z.int().nonnegative(),
  /** Bytes of weights, KV cache and compute buffers, as llama.cpp reports them. */
  memoryBytes: z.int().nonnegative(),
  microsPerLayer: z.number().positive().optional(),
  /** Why it failed; it is tried again when it is asked for. */
  error: errorValueSchema.exactOptional()
})
export type HostedStage = Readonly<z.infer<typeof hostedStageSchema>>

/** What this computer keeps of models, and what it exchanges of them with peers. */
const weightsStatusSchema = z.object({
  /** Why the models that were added cannot be used; the one that comes with Skein still can. */
  error: errorValueSchema.exactOptional(),
  /** Whether peers may have models of this computer; off until the person said yes. */
  seeding: z.boolean(),
  usage: monthlyUsageSchema.exactOptional(),
  /** On their way, paused or failed. */
  transfers: z.array(transferSchema)
})

/** What this computer does for others now, and why. */
const lendingStatusSchema = z.object({
  state: z.enum(lendingStates),
  reason: z.enum(reasonNames),
  /** The one line that every surface shows. */
  sentence: z.string(),
  /** Share of the time, 0 to 1, that may be spent computing for others. */
  share: z.number().min(0).max(1),
  /** What makes it less than 1, in words. */
  limitedBy: z.string().exactOptional(),
  /** The same of models that are shared. */
  transferSentence: z.string(),
  /** What cannot be read of this computer: what, by whom, and why not. */
  unknown: z.array(z.object({ signal: z.string(), source: z.string(), reason: z.string() })),
  month: z.object({
    transferredBytes: z.number().nonnegative(),
    joules: z.number().nonnegative(),
    /** Whether some of the joules were not measured. */
    isEstimate: z.boolean(),
    /** In the money of the tariff; absent without one. */
    cost: z.number().nonnegative().exactOptional()
  })
})
export type LendingStatus = Readonly<z.infer<typeof lendingStatusSchema>>

export const statusSchema = z.object({
  version: z.string(),
  peer: peerKeySchema,
  /** Whether strangers may use this PC; off until the person said yes. */
  lending: z.boolean(),
  /** Absent for a peer that lends whatever the computer does, as those of `skein swarm`. */
  guest: lendingStatusSchema.exactOptional(),
  /** Peers that this one is connected to. */
  connectedPeers: z.int().nonnegative(),
  network: z.enum(['none', 'private', 'public']),
  models: z.array(modelInfoSchema),
  defaultModel: modelKeySchema,
  /** The one that comes with Skein. */
  builtInModel: modelKeySchema,
  stages: z.array(hostedStageSchema),
  weights: weightsStatusSchema,
  /** `cpu`, or the GPU's name as the driver gives it. */
  device: z.string()
})
export type NodeStatus = Readonly<z.infer<typeof statusSchema>>
