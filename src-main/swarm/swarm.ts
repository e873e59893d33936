import type SecretStream from '@hyperswarm/secret-stream'
import type { Announcement, ReachableStage, StageDirectory } from '#contract/announce.ts'
import { SkeinError, type ErrorCode } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { TopicRole, TopicStay } from '#contract/topics.ts'
import type { StageLink, StageNetwork, StageService } from '#contract/stage.ts'
import { BanList } from './ban-list.ts'
import { LocalLink } from './local-link.ts'
import { membershipKey } from './membership.ts'
import { PeerConnection } from './peer-connection.ts'
import { peerKeyOf } from './peer-key.ts'
import { PeerTable } from './peer-table.ts'
import { PeerWaiters } from './peer-waiters.ts'
import { seal, type SealedAnnouncement } from './sealed-announcement.ts'
import { SelfAnnouncer, type SelfState } from './self-announcer.ts'
import { SwarmNetwork, type NetworkOptions } from './swarm-network.ts'
import { defaultTiming, type SwarmTiming } from './swarm-timing.ts'
import { maxNews, type News } from './wire/peer-messages.ts'

export interface SwarmOptions extends NetworkOptions {
  /** Skein's version, told to peers for their logs. */
  readonly version: string
  readonly timing?: Partial<SwarmTiming>
  /** Milliseconds, monotonic. */
  readonly now?: () => number
  readonly log?: Logger
  /** What members of a private network prove that they know (`membershipKey`); everybody's network when absent. */
  readonly membershipKey?: Uint8Array
  /** A new connection, whose peer proved that it belongs to the network: where other protocols open their channels beside Skein's own. */
  readonly onConnection?: (stream: SecretStream) => void
}

/** A peer that this one is connected to. */
export interface ConnectedPeer {
  readonly peer: PeerKey
  readonly roundTripMillis: number | undefined
}

/** Reasons for which a connection ended by the peer's own fault. */
const violations: ReadonlySet<ErrorCode> = new Set([
  'protocol-violation',
  'boundary-invalid',
  'message-too-large'
])

/**
 * This peer among the others. Opens no socket before the first `join`; until then only the local stages are there.
 */
export class Swarm implements StageNetwork, StageDirectory {
  readonly self: PeerKey
  readonly #options: SwarmOptions
  readonly #timing: SwarmTiming
  readonly #now: () => number
  readonly #membershipKey: Uint8Array
  readonly #bans = new BanList()
  readonly #table = new PeerTable()
  readonly #connections = new Map<PeerKey, PeerConnection>()
  readonly #waiters = new PeerWaiters()
  readonly #announcer: SelfAnnouncer
  #gossipTimer: NodeJS.Timeout | undefined
  readonly #listeners = new Set<() => void>()
  readonly #unbanTimers = new Set<NodeJS.Timeout>()
  #network: SwarmNetwork | undefined
  #service: StageService | undefined
  #isClosed = false

  constructor(options: SwarmOptions) {
    this.self = peerKeyOf(options.keyPair.publicKey)
    this.#options = options
    this.#timing = { ...defaultTiming, ...options.timing }
    this.#membershipKey = options.membershipKey ?? membershipKey('')
    this.#now = options.now ?? (() => performance.now())
    this.#announcer = new SelfAnnouncer({
      self: this.self,
      timing: this.#timing,
      send: (announcement) => {
        const sealed = seal(announcement, options.keyPair)
        for (const connection of this.#connections.values()) connection.announce(sealed)
      }
    })
  }

  /** Serves the stages of this peer. Once, before anything else. */
  serve(service: StageService): void {
    this.#service = service
  }

  /** Meets the peers of a topic, 32 bytes. Resolves when those found at once are connected or given up. */
  async join(topic: Uint8Array): Promise<void> {
    if (this.#isClosed) throw new SkeinError('cancelled', 'the swarm is closed')
    this.#network ??= new SwarmNetwork(this.#options, {
      isBanned: (peer) => this.#bans.reason(peer, this.#now()) !== undefined,
      onStream: (peer, stream) => this.#onStream(peer, stream)
    })
    this.#announcer.start()
    this.#gossipTimer ??= setInterval(() => this.#gossip(), this.#timing.gossipMs).unref()
    await this.#network.join(topic)
  }

  /** Stays at a topic beside the network's own. Only once that was joined; else it stays nowhere. */
  meet(topic: Uint8Array, role: TopicRole): TopicStay {
    return this.#network?.meet(topic, role) ?? { setRole: () => undefined, leave: () => undefined }
  }

  async leave(topic: Uint8Array): Promise<void> {
    await this.#network?.leave(topic)
  }

  /** What this peer says of itself from now on. */
  announce(state: SelfState): void {
    this.#announcer.set(state)
    this.#changed()
  }

  async link(peer: PeerKey): Promise<StageLink> {
    if (peer === this.self) return new LocalLink(peer, this.#requireService())
    const link = this.#connections.get(peer)?.link
    if (link !== undefined) return link
    const banned = this.#bans.reason(peer, this.#now())
    if (banned === 'protocol-version' || banned === 'not-a-member') throw new SkeinError(banned)
    if (banned !== undefined) throw new SkeinError('peer-banned', banned)
    if (this.#network === undefined) throw new SkeinError('peer-unreachable', 'not joined')
    this.#network.seek(peer)
    try {
      return await this.#waiters.wait(peer, this.#timing.connectMs)
    } catch (thrown) {
      // What others say of it is old; what it says itself when it is back counts again.
      this.#table.remove(peer)
      this.#changed()
      throw thrown
    } finally {
      this.#network.stopSeeking(peer)
    }
  }

  /** Peers that both ends agreed with, connected now. */
  connected(): ConnectedPeer[] {
    return [...this.#connections.values()]
      .filter((connection) => connection.link !== undefined)
      .map(({ peer, roundTripMillis }) => ({ peer, roundTripMillis }))
  }

  stages(): ReachableStage[] {
    const own = this.#announcer.stages.map((offer) => ({ peer: this.self, isLocal: true, offer }))
    return [...own, ...this.#remoteStages()]
  }

  /** What is known of other peers now, lending or not. */
  known(): Announcement[] {
    return this.#table.current(this.#now())
  }

  /** Calls `listener` when peers or their stages change. Returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Leaves the network and closes its sockets. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#announcer.stop()
    clearInterval(this.#gossipTimer)
    for (const timer of this.#unbanTimers) clearTimeout(timer)
    for (const connection of [...this.#connections.values()]) {
      connection.end(new SkeinError('peer-lost', 'this peer leaves'))
    }
    await this.#network?.close()
  }

  #remoteStages(): ReachableStage[] {
    const lending = this.#table.current(this.#now()).filter(({ state }) => state === 'lending')
    return lending.flatMap(({ peer, stages }) => {
      const roundTripMillis = this.#connections.get(peer)?.roundTripMillis
      const measured = roundTripMillis === undefined ? {} : { roundTripMillis }
      return stages.map((offer) => ({ peer, isLocal: false, offer, ...measured }))
    })
  }

  #onStream(peer: PeerKey, stream: SecretStream): void {
    const connection = new PeerConnection({
      peer,
      stream,
      version: this.#options.version,
      timing: this.#timing,
      now: this.#now,
      service: this.#requireService(),
      membershipKey: this.#membershipKey,
      onMember: () => this.#options.onConnection?.(stream),
      onReady: (ready) => this.#onReady(ready),
      onAnnouncement: (sealed) => this.#onAnnouncement(sealed),
      onNews: (news, from) => this.#onNews(news, from),
      onClosed: (closed, reason) => this.#onClosed(closed, reason)
    })
    this.#connections.set(peer, connection)
  }

  #onReady(connection: PeerConnection): void {
    const announcement = this.#announcer.current()
    if (announcement !== undefined) connection.announce(seal(announcement, this.#options.keyPair))
    if (connection.link !== undefined) this.#waiters.found(connection.link)
    this.#changed()
  }

  #onAnnouncement({ announcement, packet }: SealedAnnouncement): void {
    const isNew = this.#table.put(announcement, { now: this.#now(), packet })
    this.#table.setConnected(announcement.peer, true)
    if (isNew) this.#changed()
  }

  #onNews(news: readonly News[], from: PeerKey): readonly News[] {
    const now = this.#now()
    const told = this.#newsFor(from)
    let isNew = false
    for (const { announcement, packet, leftMs } of news) {
      if (announcement.peer === this.self) continue
      if (this.#table.put(announcement, { now, packet, leftMs })) isNew = true
    }
    if (isNew) this.#changed()
    return told
  }

  #newsFor(peer: PeerKey): readonly News[] {
    const now = this.#now()
    return this.#table
      .sample(maxNews, now)
      .filter(({ announcement }) => announcement.peer !== peer)
      .map(({ announcement, packet, expiresAt }) => {
        return { announcement, packet, leftMs: Math.max(0, Math.floor(expiresAt - now)) }
      })
  }

  /** One neighbour at a time, a random one. */
  #gossip(): void {
    const ready = [...this.#connections.values()].filter(({ link }) => link !== undefined)
    const partner = ready[Math.floor(Math.random() * ready.length)]
    partner?.gossip(this.#newsFor(partner.peer))
  }

  #onClosed(connection: PeerConnection, reason: SkeinError): void {
    const { peer } = connection
    this.#punish(peer, reason)
    if (this.#connections.get(peer) !== connection) return
    this.#connections.delete(peer)
    this.#table.remove(peer)
    this.#changed()
  }

  /** Bans whoever broke the protocol, and leaves peers of another version alone for a while. */
  #punish(peer: PeerKey, reason: SkeinError): void {
    const banMs = this.#banMsFor(reason)
    if (banMs === 0 || this.#isClosed) return
    this.#options.log?.warn('peer ignored for a while', {
      peer,
      code: reason.code,
      detail: reason.detail
    })
    this.#bans.add(peer, reason.code, this.#now() + banMs)
    this.#waiters.failed(peer, reason)
    const timer = setTimeout(() => {
      this.#unbanTimers.delete(timer)
      this.#network?.unban(peer)
    }, banMs)
    timer.unref()
    this.#unbanTimers.add(timer)
  }

  #banMsFor({ code }: SkeinError): number {
    if (code === 'protocol-version' || code === 'not-a-member') return this.#timing.incompatibleMs
    return violations.has(code) ? this.#timing.banMs : 0
  }

  #requireService(): StageService {
    if (this.#service === undefined)
      throw new SkeinError('internal', 'the swarm serves nothing yet')
    return this.#service
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
