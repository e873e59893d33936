import path from 'node:path'
import type SecretStream from '@hyperswarm/secret-stream'
import type { DhtAddress, KeyPair } from 'hyperdht'
import type { Announcement } from '#contract/announce.ts'
import type { Logger } from '#contract/log.ts'
import type { HostedStage } from '#contract/status.ts'
import { startStage } from '#engine/engine-supervisor.ts'
import { StageHost } from '#host/stage-host.ts'
import type { WrapRawStream } from '#swarm/guarded-dht.ts'
import type { SwarmTiming } from '#swarm/swarm-timing.ts'
import { Swarm } from '#swarm/swarm.ts'
import { version } from '../version.ts'
import { lendingGate } from './lending-gate.ts'

/** How long sessions may take to move to other peers when this one leaves, in milliseconds. */
const leaveMs = 5_000

export interface PeerOptions {
  readonly keyPair: KeyPair
  /** Where carved ranges are kept. */
  readonly stageFolder: string
  readonly engineEntry: URL
  /** Of a private network. */
  readonly membershipKey?: Uint8Array
  readonly bootstrap?: readonly DhtAddress[]
  readonly host?: string
  readonly timing?: Partial<SwarmTiming>
  readonly wrapRawStream?: WrapRawStream
  /** A new connection, for what is exchanged beside Skein's own protocols. */
  readonly onConnection: (stream: SecretStream) => void
  /** What this peer is about to host, so that others need not take it too. */
  readonly preparing: () => readonly HostedStage[]
  /** Asked whenever a stranger wants something. */
  readonly isLending: () => boolean
  readonly log: Logger
}

type PreparedRange = NonNullable<Announcement['preparing']>[number]

/** This peer: what it hosts, and its way to the others. */
export interface Peer {
  readonly swarm: Swarm
  readonly host: StageHost
  /** `cpu`, or the GPU's name: where the stage that was loaded last computes. */
  readonly device: () => string
  /** Tells the others what may be used now. */
  readonly announce: () => void
}

/** Puts swarm and host together. No socket is opened before the swarm joins; nothing is loaded before the host takes it. */
export function startPeer(options: PeerOptions, closers: AsyncDisposableStack): Peer {
  const { keyPair, stageFolder, engineEntry, preparing, isLending, log, ...network } = options
  // Peers that share carved files run on one PC, and its cores are theirs together.
  const coresFolder = path.join(stageFolder, 'cores')
  let device = 'cpu'
  const swarm = new Swarm({ keyPair, version, log, ...network })
  const host = new StageHost({
    network: swarm,
    folder: stageFolder,
    entry: engineEntry,
    log,
    startStage: async (stageOptions) => {
      const stage = await startStage({ ...stageOptions, coresFolder })
      device = stage.info.device
      return stage
    }
  })
  closers.defer(() => host.stop())
  closers.defer(() => swarm.close())
  closers.defer(() => host.leave(leaveMs))
  swarm.serve(lendingGate(host, swarm.self, isLending))
  const announce = (): void => {
    const state = host.isDraining ? 'draining' : isLending() ? 'lending' : 'idle'
    swarm.announce({ state, stages: host.offers(), preparing: preparing().map(rangeOf) })
  }
  host.onChange(announce)
  return { swarm, host, device: () => device, announce }
}

function rangeOf({ model, adapter, range }: HostedStage): PreparedRange {
  return { model, range, ...(adapter === undefined ? {} : { adapter }) }
}
