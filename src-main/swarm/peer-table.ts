import type { Announcement } from '#contract/announce.ts'
import type { PeerKey } from '#contract/peer.ts'

/**
 * Peers that are known at once. A sample of this size tells how deep a model's layers are covered to about a tenth, whatever the size of
 * the network; with a typical announcement, 2 KB in memory, it is 1 MB.
 */
const defaultCapacity = 512
/** Departed peers that are remembered as such; the oldest go first. */
const maxDeparted = 512

/** A peer as the table knows it. */
export interface KnownPeer {
  readonly announcement: Announcement
  /** The signed bytes, as they came: what others are told of this peer. */
  readonly packet: Uint8Array
  readonly expiresAt: number
}

interface Entry {
  announcement: Announcement
  packet: Uint8Array
  expiresAt: number
  isConnected: boolean
  /** Its place in the list that samples are drawn from. */
  index: number
}

interface Departed {
  readonly sequence: number
  readonly until: number
}

/** How an announcement came. */
export interface Arrival {
  readonly now: number
  readonly packet?: Uint8Array
  /** How long it still holds; what it says itself when absent. */
  readonly leftMs?: number
}

const noPacket = new Uint8Array()

/**
 * The latest announcements of some peers: of all that are connected, and of a random sample of the others, of which peers tell each other.
 * Bounded; full, it forgets a random peer that is not connected. Time is the caller's, in milliseconds.
 */
export class PeerTable {
  readonly #entries = new Map<PeerKey, Entry>()
  readonly #list: Entry[] = []
  readonly #departed = new Map<PeerKey, Departed>()
  readonly #capacity: number
  readonly #random: () => number

  constructor(capacity = defaultCapacity, random: () => number = Math.random) {
    this.#capacity = capacity
    this.#random = random
  }

  get size(): number {
    return this.#list.length
  }

  /** Takes an announcement unless it is no newer than what is known of its peer. Returns whether it was taken. */
  put(announcement: Announcement, { now, packet = noPacket, leftMs }: Arrival): boolean {
    const { peer, sequence, ttlMs } = announcement
    const known = this.#entries.get(peer)
    if (known !== undefined && sequence <= known.announcement.sequence) return false
    const expiresAt = now + Math.min(ttlMs, leftMs ?? ttlMs)
    if (expiresAt <= now || this.#isOlderThanItsEnd(peer, sequence, now)) return false
    if (known !== undefined) {
      known.announcement = announcement
      known.packet = packet
      known.expiresAt = expiresAt
      return true
    }
    if (this.#list.length >= this.#capacity && !this.#evict(now)) return false
    const index = this.#list.length
    const entry = { announcement, packet, expiresAt, isConnected: false, index }
    this.#entries.set(peer, entry)
    this.#list.push(entry)
    return true
  }

  /** A connected peer is never forgotten for another's sake. */
  setConnected(peer: PeerKey, isConnected: boolean): void {
    const entry = this.#entries.get(peer)
    if (entry !== undefined) entry.isConnected = isConnected
  }

  /** The peer is gone: what others still say of it from before counts no more. */
  remove(peer: PeerKey): void {
    const entry = this.#entries.get(peer)
    if (entry === undefined) return
    this.#drop(entry)
    const { sequence } = entry.announcement
    this.#departed.set(peer, { sequence, until: entry.expiresAt })
    if (this.#departed.size > maxDeparted) this.#forgetOldestDeparted()
  }

  /** Announcements that still hold at `now`. */
  current(now: number): Announcement[] {
    this.#dropExpired(now)
    return this.#list.map(({ announcement }) => announcement)
  }

  /** Some peers at random, all different, whose announcements still hold: for telling others. */
  sample(count: number, now: number): KnownPeer[] {
    const sample: KnownPeer[] = []
    const size = this.#list.length
    for (let drawn = 0; drawn < size && sample.length < count; drawn++) {
      // The first steps of a shuffle, in place: the order of the list means nothing.
      const entry = this.#swap(drawn, drawn + Math.floor(this.#random() * (size - drawn)))
      if (entry !== undefined && entry.expiresAt > now) sample.push(entry)
    }
    return sample
  }

  #isOlderThanItsEnd(peer: PeerKey, sequence: number, now: number): boolean {
    if (this.#departed.size === 0) return false
    const departed = this.#departed.get(peer)
    if (departed === undefined) return false
    if (sequence <= departed.sequence && now < departed.until) return true
    this.#departed.delete(peer)
    return false
  }

  /** Makes room; false where every peer is connected. */
  #evict(now: number): boolean {
    const size = this.#list.length
    const start = Math.floor(this.#random() * size)
    let victim: Entry | undefined
    for (let step = 0; step < size; step++) {
      const entry = this.#list[(start + step) % size]
      if (entry === undefined || entry.isConnected) continue
      victim = entry
      break
    }
    if (victim === undefined) {
      this.#dropExpired(now)
      return this.#list.length < this.#capacity
    }
    this.#drop(victim)
    return true
  }

  #dropExpired(now: number): void {
    for (let index = this.#list.length - 1; index >= 0; index--) {
      const entry = this.#list[index]
      if (entry !== undefined && entry.expiresAt <= now) this.#drop(entry)
    }
  }

  /** The last of the list takes its place. */
  #drop(entry: Entry): void {
    this.#entries.delete(entry.announcement.peer)
    const last = this.#list.pop()
    if (last === undefined || last === entry) return
    this.#list[entry.index] = last
    last.index = entry.index
  }

  /** Exchanges two places of the list; returns what is at the first one then. */
  #swap(a: number, b: number): Entry | undefined {
    const [first, second] = [this.#list[a], this.#list[b]]
    if (first === undefined || second === undefined) return first
    this.#list[a] = second
    this.#list[b] = first
    second.index = a
    first.index = b
    return second
  }

  #forgetOldestDeparted(): void {
    for (const peer of this.#departed.keys()) {
      this.#departed.delete(peer)
      return
    }
  }
}
