import type { LayerRange } from './model.ts'
import type { PeerKey } from './peer.ts'

/** What it takes to host layers of a model, in bytes; from the model's own file, so that every peer comes to the same figures. */
export interface ModelShape {
  readonly layers: number
  /** Where a range may begin, ascending, 0 first. */
  readonly boundaries: readonly number[]
  /** Of each layer: its weights, and KV cache for the cells that a stage offers. */
  readonly layerBytes: readonly number[]
  /** What the first stage holds besides (token embeddings), and what the tail does (output norm and head). */
  readonly firstBytes: number
  readonly tailBytes: number
  /** What any stage needs besides its layers: compute buffers. */
  readonly stageBytes: number
}

/** A range that a peer hosts, or is about to. */
export interface PlacedStage {
  readonly peer: PeerKey
  readonly range: LayerRange
  /** As far as it can be believed; absent where nothing is known, and then the stage counts as a typical one. */
  readonly microsPerLayer?: number
}
