import type { ReachableStage, StageDirectory } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import { peerKeySchema, type PeerKey, type SessionId } from '#contract/peer.ts'
import type {
  OpenedSession,
  OpenSession,
  Relink,
  SessionEvents,
  StageLink,
  StageNetwork,
  Step
} from '#contract/stage.ts'
import { StageHost } from '#host/stage-host.ts'
import { startFakeStage, type FakeStage } from './fake-engine.ts'
import { planOf } from './fake-swarm.ts'

/** A peer of a network in memory. */
export interface MemoryPeer {
  readonly key: PeerKey
  readonly host: StageHost
  readonly stages: readonly FakeStage[]
}

/**
 * Hosts with fake engines whose messages take turns in an order that `delay` decides, except that those from one peer to another keep
 * theirs. Peers die and links break in an instant, for both ends at the same time.
 */
export class MemoryNetwork implements StageDirectory {
  readonly #peers = new Map<PeerKey, MemoryPeer>()
  readonly #links = new Map<string, MemoryLink>()
  readonly #broken = new Set<string>()
  readonly #listeners = new Set<() => void>()
  readonly #delay: () => Promise<void>

  constructor(delay: () => Promise<void>) {
    this.#delay = delay
  }

  get peers(): readonly MemoryPeer[] {
    return [...this.#peers.values()]
  }

  async add(range: LayerRange | undefined, historyBytes?: number): Promise<MemoryPeer> {
    const key = peerKeySchema.parse((++memoryPeers).toString(16).padStart(64, '0'))
    const stages: FakeStage[] = []
    const host = new StageHost({
      network: this.networkOf(key),
      folder: 'none',
      entry: new URL('file:///none'),
      prepareFile: () => Promise.resolve('none'),
      startStage: (options) => {
        const stage = startFakeStage(options)
        stages.push(stage)
        return Promise.resolve(stage)
      },
      ...(historyBytes === undefined ? {} : { historyBytes })
    })
    host.onChange(() => this.#changed())
    const peer = { key, host, stages }
    this.#peers.set(key, peer)
    if (range !== undefined) await host.take(planOf(range, 4))
    return peer
  }

  networkOf(self: PeerKey): StageNetwork {
    return {
      self,
      link: (peer) => {
        const link = this.#link(self, peer)
        return link === undefined
          ? Promise.reject(new SkeinError('peer-unreachable'))
          : Promise.resolve(link)
      }
    }
  }

  stages(): ReachableStage[] {
    return this.peers
      .filter(({ host }) => !host.isDraining)
      .flatMap(({ key, host }) =>
        host.offers().map((offer) => ({ peer: key, isLocal: false, roundTripMillis: 1, offer }))
      )
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The link between two peers ends, and no other comes in its place. */
  break(a: PeerKey, b: PeerKey): void {
    this.#broken.add(nameOf(a, b)).add(nameOf(b, a))
    for (const [from, to] of [
      [a, b],
      [b, a]
    ] as const) {
      this.#links.get(nameOf(from, to))?.lose()
      this.#peers.get(to)?.host.gone(from)
    }
  }

  /** Ends a peer at once. */
  async kill(key: PeerKey): Promise<void> {
    const peer = this.#peers.get(key)
    if (peer === undefined) return
    for (const other of this.#peers.keys()) if (other !== key) this.break(key, other)
    this.#peers.delete(key)
    this.#changed()
    await peer.host.stop()
  }

  async close(): Promise<void> {
    for (const key of [...this.#peers.keys()]) await this.kill(key)
  }

  #link(from: PeerKey, to: PeerKey): MemoryLink | undefined {
    const name = nameOf(from, to)
    const peer = this.#peers.get(to)
    if (peer === undefined || this.#broken.has(name)) return undefined
    const known = this.#links.get(name)
    if (known !== undefined) return known
    const link = new MemoryLink(from, peer, this.#delay)
    this.#links.set(name, link)
    return link
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

let memoryPeers = 0

function nameOf(from: PeerKey, to: PeerKey): string {
  return `${from} ${to}`
}

/** One peer's way to another's stages: all that goes there keeps its order, and so does all that comes back. */
class MemoryLink implements StageLink {
  readonly peer: PeerKey
  readonly roundTripMillis = 1
  readonly #from: PeerKey
  readonly #host: StageHost
  readonly #delay: () => Promise<void>
  readonly #sessions = new Map<SessionId, SessionEvents>()
  #there: Promise<unknown> = Promise.resolve()
  #back: Promise<unknown> = Promise.resolve()
  #isLost = false

  constructor(from: PeerKey, to: MemoryPeer, delay: () => Promise<void>) {
    this.peer = to.key
    this.#from = from
    this.#host = to.host
    this.#delay = delay
  }

  async open(request: OpenSession, events: SessionEvents): Promise<OpenedSession> {
    this.#sessions.set(request.session, events)
    const caller = {
      peer: this.#from,
      events: {
        result: (result: Parameters<SessionEvents['result']>[0]) =>
          this.#backward(() => events.result(result)),
        failed: (error: Parameters<SessionEvents['failed']>[0]) =>
          void this.#backward(() => events.failed(error)).catch(ignore),
        notice: (notice: Parameters<SessionEvents['notice']>[0]) =>
          void this.#backward(() => events.notice(notice)).catch(ignore)
      }
    }
    const opened = await this.#forward(() => this.#host.open(request, caller))
    return this.#backward(() => opened)
  }

  step(step: Step): Promise<void> {
    return this.#forward(() => this.#host.step(step, this.#from))
  }

  async relink(request: Relink): Promise<void> {
    await this.#forward(() => this.#host.relink(request, this.#from))
    await this.#backward(() => undefined)
  }

  rollback(session: SessionId, epoch: number, position: number): void {
    void this.#forward(() => this.#host.rollback(session, epoch, position, this.#from)).catch(
      ignore
    )
  }

  close(session: SessionId): void {
    this.#sessions.delete(session)
    void this.#forward(() => this.#host.close(session, this.#from)).catch(ignore)
  }

  lose(): void {
    this.#isLost = true
    const error = new SkeinError('peer-lost').toValue()
    for (const events of this.#sessions.values()) events.failed(error)
    this.#sessions.clear()
  }

  /** Runs `call` at the other end, after all that was called before; rejects when the link is lost first. */
  #forward<Value>(call: () => Value | Promise<Value>): Promise<Value> {
    const before = this.#there
    const arrived = before.then(this.#delay)
    this.#there = arrived
    return arrived.then(() => {
      if (this.#isLost) throw new SkeinError('peer-lost')
      return call()
    })
  }

  async #backward<Value>(call: () => Value | Promise<Value>): Promise<Value> {
    const arrived = this.#back.then(this.#delay)
    this.#back = arrived
    await arrived
    if (this.#isLost) throw new SkeinError('peer-lost')
    return call()
  }
}

function ignore(): void {
  // What is lost with a link, or reaches a session that is gone, matters to nobody.
}
