import type { DhtAddress } from 'hyperdht'
import type { LayerRange } from '#contract/model.ts'
import type { StageResources } from '#host/stage-plan.ts'
import type { WrapRawStream } from '#swarm/guarded-dht.ts'
import type { SignalSources } from '#signals/signal-source.ts'
import type { SwarmTiming } from '#swarm/swarm-timing.ts'

export interface NodeOptions {
  /**
   * False: lends as soon as the settings say so, whatever the computer does; for peers that a person runs for one question. True when absent:
   * lends as a good guest does.
   */
  readonly isGuest?: boolean
  /** What tells of the person and the computer, before what this computer has by itself: what a window's runtime knows. */
  readonly signals?: Partial<SignalSources>
  /** The data folder. */
  readonly homeFolder: string
  readonly entries: { readonly engine: URL; readonly templateWorker: URL }
  /** GGUF files of this PC; the first is the default model. */
  readonly modelFiles: readonly [string, ...string[]]
  /**
   * Layers of the default model to load: all when absent, none when `null`. When it is given, nothing else is loaded unless somebody
   * says so.
   */
  readonly range?: LayerRange | null
  /** What to host from the start instead: a model by name, key, file or address; all its layers where no range is given. */
  readonly host?: { readonly model: string; readonly range?: LayerRange }
  /**
   * Instead of a range: the layers of the default model that help the network most, chosen when it is joined, within this much memory, in
   * bytes.
   */
  readonly place?: { readonly memoryBytes: number }
  /** Instead of what the settings and defaults say. */
  readonly resources?: Partial<StageResources>
  /** Load the default model's vocabulary before anybody asks; true when absent. */
  readonly isAsked?: boolean
  /** Where carved ranges are kept; in the data folder when absent. */
  readonly stageFolder?: string
  /** Whom to meet; nobody when absent. */
  readonly network?: NodeNetwork
  /** The loopback server; none when absent. */
  readonly api?: {
    readonly pageFolder: string
    /** Instead of the one in the settings; 0 takes any free one. */
    readonly port?: number
  }
}

export interface NodeNetwork {
  /** 32 bytes that the peers of the network share. */
  readonly topic: Uint8Array
  /** What its members prove that they know (`membershipKey`); absent where everybody may take part who finds the topic. */
  readonly membershipKey?: Uint8Array
  readonly address?: {
    /** The DHT's first nodes; the public ones when absent. */
    readonly bootstrap?: readonly DhtAddress[]
    /** Address to bind to: 127.0.0.1 keeps everything on this PC. */
    readonly host?: string
    readonly timing?: Partial<SwarmTiming>
    /** For tests: what stands between a connection and the network. */
    readonly wrapRawStream?: WrapRawStream
  }
}
