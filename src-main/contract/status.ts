import { z } from 'zod'
import { layerRangeSchema, modelInfoSchema, modelKeySchema } from './model.ts'
import { peerKeySchema } from './peer.ts'

/** A stage that this peer hosts. */
const hostedStageSchema = z.object({
  model: modelKeySchema,
  /** The adapter that is on the model. */
  adapter: modelKeySchema.exactOptional(),
  range: layerRangeSchema,
  state: z.enum(['preparing', 'loading', 'ready', 'draining', 'failed']),
  sessions: z.int().nonnegative(),
  slots: z.int().nonnegative(),
  /** Bytes of weights, KV cache and compute buffers, as llama.cpp reports them. */
  memoryBytes: z.int().nonnegative(),
  microsPerLayer: z.number().positive().optional()
})
export type HostedStage = Readonly<z.infer<typeof hostedStageSchema>>

export const statusSchema = z.object({
  version: z.string(),
  peer: peerKeySchema,
  /** Whether strangers may use this PC; off until the person said yes. */
  lending: z.boolean(),
  /** Peers that this one is connected to. */
  connectedPeers: z.int().nonnegative(),
  network: z.enum(['none', 'private', 'public']),
  models: z.array(modelInfoSchema),
  defaultModel: modelKeySchema,
  stages: z.array(hostedStageSchema),
  /** `cpu`, or the GPU's name as the driver gives it. */
  device: z.string()
})
export type NodeStatus = Readonly<z.infer<typeof statusSchema>>
