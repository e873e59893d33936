import { z } from 'zod'
import { layerRangeSchema, maxLayers, modelKeySchema } from './model.ts'
import { peerKeySchema, type PeerKey } from './peer.ts'
import { wireDtypes } from './stage.ts'

/** One stage that a peer offers. Figures that were not measured are absent, never guessed. */
const stageOfferSchema = z.object({
  model: modelKeySchema,
  /** The adapter that is on the model. */
  adapter: modelKeySchema.exactOptional(),
  range: layerRangeSchema,
  /** Layers of the whole model. */
  layers: z.int().min(1).max(maxLayers),
  width: z.int().min(1).max(1_000_000),
  slots: z.int().min(0).max(4096),
  freeSlots: z.int().min(0).max(4096),
  /** KV cells in all, and those that no session has reserved. */
  contextTokens: z.int().min(0),
  freeTokens: z.int().min(0),
  dtypes: z.array(z.enum(wireDtypes)).min(1).max(8),
  /** EWMA over this peer's own steps of one row. */
  microsPerLayer: z.number().positive().optional(),
  prefillTokensPerSecond: z.number().positive().optional()
})
export type StageOffer = Readonly<z.infer<typeof stageOfferSchema>>

/** What a peer says of itself. `sequence` rises with each announcement; an older one is ignored. */
export const announcementSchema = z.object({
  peer: peerKeySchema,
  sequence: z.int().min(0),
  state: z.enum(['lending', 'draining', 'idle']),
  stages: z.array(stageOfferSchema).max(64),
  /** What it is about to host: others need not take it too. */
  preparing: z
    .array(
      z.object({
        model: modelKeySchema,
        adapter: modelKeySchema.exactOptional(),
        range: layerRangeSchema
      })
    )
    .max(16)
    .exactOptional(),
  /** How long it holds without a newer one, in milliseconds. */
  ttlMs: z.int().min(1000).max(3_600_000)
})
export type Announcement = Readonly<z.infer<typeof announcementSchema>>

/** What this peer measured of another's stage in sessions of its own. */
export interface StageMeasure {
  /** EWMA over steps of one row, by the coordinator's clock where the stage's own account falls short of it. */
  readonly microsPerLayer: number
  /** EWMA of the time that steps waited at the stage for others. */
  readonly waitMicros: number
}

/** A stage that this peer can use now: its own, or one that a connected peer announced. */
export interface ReachableStage {
  readonly peer: PeerKey
  readonly isLocal: boolean
  /** Median of several samples; absent until measured, and for the local peer. */
  readonly roundTripMillis?: number
  /** Absent until a session of this peer used the stage. */
  readonly measured?: StageMeasure
  readonly offer: StageOffer
}

/** Where a chain is chosen from. */
export interface StageDirectory {
  stages(): readonly ReachableStage[]
  /** Calls `listener` when they change. Returns what ends that. */
  onChange(listener: () => void): () => void
}
