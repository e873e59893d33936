import type { PeerKey } from '#contract/peer.ts'
import { ByteBucket, type Clock } from './byte-bucket.ts'

/** Blocks that one peer may wait for at once: what Hypercore asks for on the longest ways. Who wants more is told to ask elsewhere. */
const maxWaitingPerPeer = 512

interface Waiting {
  readonly bytes: number
  /** Whether the peer still wants it. */
  readonly isWanted: () => boolean
  readonly decide: (isAdmitted: boolean) => void
}

/** One peer's place among the others. */
interface Lane {
  readonly bucket: ByteBucket
  readonly waiting: Waiting[]
}

/** Shares an uplink between peers: they take turns, block by block, so that who asks for much waits longer and nobody else does. */
export class UploadTurns {
  readonly #clock: Clock
  readonly #total: ByteBucket
  /** Whose turn is next comes first. */
  readonly #lanes = new Map<PeerKey, Lane>()
  #perPeer = Infinity
  #isServing = false
  #stop = new AbortController()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#total = new ByteBucket(Infinity, clock)
  }

  /** Bytes per second; `Infinity`: no limit. */
  setRates(total: number, perPeer: number): void {
    this.#total.setRate(total)
    this.#perPeer = perPeer
    for (const { bucket } of this.#lanes.values()) bucket.setRate(perPeer)
  }

  /** Resolves when these bytes may go to the peer; to `false` when they may not, or nobody wants them any more. */
  take(peer: PeerKey, bytes: number, isWanted: () => boolean): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const { waiting } = this.#laneOf(peer)
    if (waiting.length >= maxWaitingPerPeer) return Promise.resolve(false)
    waiting.push({ bytes, isWanted, decide: resolve })
    if (!this.#isServing) void this.#serve()
    return promise
  }

  /** Refuses all who wait. */
  refuseAll(): void {
    for (const { waiting } of this.#lanes.values()) {
      for (const each of waiting.splice(0)) each.decide(false)
    }
    this.#stop.abort()
    this.#stop = new AbortController()
  }

  async #serve(): Promise<void> {
    this.#isServing = true
    for (let lane = await this.#nextLane(); lane !== undefined; lane = await this.#nextLane()) {
      const next = lane.waiting.shift()
      if (next === undefined) continue
      const { signal } = this.#stop
      const isWanted = next.isWanted()
      if (isWanted) {
        lane.bucket.spend(next.bytes)
        await this.#total.take(next.bytes, signal)
      }
      next.decide(isWanted && !signal.aborted)
    }
  }

  /** Who is next and within its own rate; waits for the first who will be. `undefined` when nobody waits. */
  async #nextLane(): Promise<Lane | undefined> {
    for (;;) {
      let soonestMs = Infinity
      for (const [peer, lane] of this.#lanes) {
        const { waitMs } = lane.bucket
        if (lane.waiting.length === 0) {
          // A lane that owes nothing says nothing.
          if (waitMs <= 0) this.#lanes.delete(peer)
          continue
        }
        if (waitMs <= 0) {
          this.#lanes.delete(peer)
          this.#lanes.set(peer, lane)
          return lane
        }
        soonestMs = Math.min(soonestMs, waitMs)
      }
      if (soonestMs === Infinity) {
        // Now, and not when the caller hears of it: who asks meanwhile has to find that nobody serves.
        this.#isServing = false
        return undefined
      }
      await this.#clock.wait(soonestMs, this.#stop.signal)
    }
  }

  #laneOf(peer: PeerKey): Lane {
    const known = this.#lanes.get(peer)
    if (known !== undefined) return known
    const lane = { bucket: new ByteBucket(this.#perPeer, this.#clock), waiting: [] }
    this.#lanes.set(peer, lane)
    return lane
  }
}
