import type Hypercore from 'hypercore'
import type { ReplicationPeer } from 'hypercore'
import type { FetchPeer } from '#contract/weights.ts'
import { peerKeySchema, type PeerKey } from '#contract/peer.ts'
import type { BlockRun } from './block-runs.ts'
import type { CountHolders } from './piece-order.ts'
import { SpeedEstimate } from '../speed-estimate.ts'

interface PeerCount {
  bytes: number
  readonly speed: SpeedEstimate
  /** When its last block came, or when it was first asked. */
  deliveredAt: number
}

/** What each peer gives to one fetch, and which of them holds it up. */
export class FetchPeers {
  readonly #core: Pick<Hypercore, 'peers'>
  readonly #stallMs: number
  readonly #counts = new Map<PeerKey, PeerCount>()
  readonly #byConnection = new WeakMap<ReplicationPeer, PeerCount>()

  constructor(core: Pick<Hypercore, 'peers'>, stallMs: number) {
    this.#core = core
    this.#stallMs = stallMs
  }

  /** Whether anybody is asked for anything now. */
  get isAsking(): boolean {
    return this.#core.peers.some(({ inflight }) => inflight > 0)
  }

  askAll(): void {
    for (const peer of this.#core.peers) peer.replicator.updatePeer(peer)
  }

  /** Who has what now, as far as they said. */
  countHolders(): CountHolders {
    const tests = this.#core.peers.filter(({ paused }) => !paused).map(holdingTest)
    return (piece) => tests.filter((holds) => holds(piece)).length
  }

  onBlock(from: ReplicationPeer, bytes: number, now: number): void {
    const count = this.#countOf(from, now)
    count.bytes += bytes
    count.deliveredAt = now
  }

  /**
   * Lets go of peers that keep what they were asked for while others deliver: their blocks are then asked elsewhere. Whoever is
   * the only one is waited for. Also takes the samples of each peer's speed.
   */
  tick(now: number): void {
    const delivering: ReplicationPeer[] = []
    const stalled: ReplicationPeer[] = []
    for (const peer of this.#core.peers) {
      const count = this.#countOf(peer, now)
      count.speed.add(now, count.bytes)
      if (peer.inflight === 0) count.deliveredAt = now
      else if (now - count.deliveredAt > this.#stallMs) stalled.push(peer)
      else if (count.bytes > 0) delivering.push(peer)
    }
    if (delivering.length === 0) return
    for (const peer of stalled) peer.channel.close()
  }

  report(): FetchPeer[] {
    return [...this.#counts].map(([peer, { bytes, speed }]) => {
      const bytesPerSecond = speed.perSecond()
      return { peer, bytes, ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) }
    })
  }

  #countOf(peer: ReplicationPeer, now: number): PeerCount {
    return this.#byConnection.get(peer) ?? this.#countOfKey(peer, now)
  }

  /** One peer may come back on another connection. */
  #countOfKey(peer: ReplicationPeer, now: number): PeerCount {
    const key = peerKeySchema.parse(Buffer.from(peer.remotePublicKey).toString('hex'))
    const count = this.#counts.get(key) ?? {
      bytes: 0,
      speed: new SpeedEstimate(),
      deliveredAt: now
    }
    this.#counts.set(key, count)
    this.#byConnection.set(peer, count)
    return count
  }
}

function holdingTest({
  remoteBitfield,
  remoteContiguousLength
}: ReplicationPeer): (piece: BlockRun) => boolean {
  const has = (index: number): boolean =>
    index < remoteContiguousLength || remoteBitfield.get(index)
  // What lies between the ends of a piece of 2 MiB came with them, as good as always.
  return ({ start, end }) => has(start) && has(end - 1)
}
