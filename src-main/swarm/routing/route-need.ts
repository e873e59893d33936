import type { LayerRange, ModelKey } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { WireDtype } from '#contract/stage.ts'

/** A stage of a chain that a session runs through already. */
export interface KeptStage {
  readonly peer: PeerKey
  readonly range: LayerRange
}

/** What a chain is needed for. */
export interface RouteNeed {
  readonly model: ModelKey
  /** The adapter that each stage must have on the model; none when absent. */
  readonly adapter?: ModelKey | undefined
  /** Layers of the whole model. */
  readonly layers: number
  /** The layers to cover; all when absent. A chain that lost a stage needs that stage's layers only. */
  readonly range?: LayerRange
  /** KV cells that each stage must have free. */
  readonly tokens: number
  readonly dtype: WireDtype
  /** Peers that are dead, banned or refused just now. */
  readonly avoid?: ReadonlySet<PeerKey>
  /** Stages that hold this session's KV cache: others must be clearly better to be worth a prefill. */
  readonly keep?: readonly KeptStage[]
}
