import { z } from 'zod'
import { errorValueSchema } from '#contract/errors.ts'
import { layerRangeSchema } from '#contract/model.ts'
import { peerKeySchema } from '#contract/peer.ts'
import { deviceChoices } from '#engine/stage-types.ts'

/** Words between a peer that runs in a process of its own and the process that started it. */

const peerConfigSchema = z.object({
  homeFolder: z.string(),
  stageFolder: z.string(),
  engineEntry: z.url(),
  templateEntry: z.url(),
  modelFile: z.string(),
  /** Nothing is hosted when absent. */
  range: layerRangeSchema.optional(),
  /** Answers questions itself: keeps a vocabulary at hand. */
  isAsked: z.boolean(),
  resources: z.object({
    threads: z.int().min(1),
    slots: z.int().min(1).optional(),
    contextTokens: z.int().min(1).optional(),
    batchTokens: z.int().min(1).optional(),
    device: z.enum(deviceChoices).optional()
  }),
  /** The loopback DHT's first nodes. */
  bootstrap: z.array(z.object({ host: z.string(), port: z.int() })).min(1),
  /** 32 bytes as hex. */
  topic: z.string().regex(/^[0-9a-f]{64}$/),
  /** Beats of a connection, in milliseconds; the swarm's own when absent. */
  beatMs: z.int().optional(),
  silentBeats: z.int().optional(),
  lostBeats: z.int().optional()
})
export type PeerConfig = z.infer<typeof peerConfigSchema>

export const toPeerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), config: peerConfigSchema }),
  /** A frame of the control channel. */
  z.object({ type: z.literal('control'), frame: z.unknown() }),
  /** What only a test's peer understands. */
  z.object({ type: z.literal('lab'), order: z.unknown() }),
  z.object({ type: z.literal('stop') })
])
export type ToPeer = z.infer<typeof toPeerSchema>

const reachableSchema = z.object({ peer: peerKeySchema, range: layerRangeSchema })

export const fromPeerSchema = z.discriminatedUnion('type', [
  /** Its stage is loaded and it has met the others. */
  z.object({ type: z.literal('ready'), peer: peerKeySchema }),
  z.object({ type: z.literal('failed'), error: errorValueSchema }),
  /** The stages that it can use now; sent when they change. */
  z.object({ type: z.literal('stages'), stages: z.array(reachableSchema) }),
  z.object({ type: z.literal('control'), frame: z.unknown() })
])
export type FromPeer = z.infer<typeof fromPeerSchema>
export type ReachableRange = z.infer<typeof reachableSchema>
