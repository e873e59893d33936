import type { Random } from '#test/support/models/random.ts'
import { PeerTable } from '#swarm/peer-table.ts'
import { announceTtlMs, type SimPeer } from './sim-peer.ts'

/** Connections that a peer makes when it comes, and holds at most. */
const dialled = 16
const maxConnections = 32
/** Announcements in one message of gossip. */
const toldAtOnce = 8

/** Who is online, connected to whom, and what they tell each other. Time in milliseconds. */
export class Overlay {
  readonly online: SimPeer[] = []
  /** Messages sent by anybody to anybody. */
  messages = 0
  readonly #places = new Map<SimPeer, number>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  join(peer: SimPeer, now: number): void {
    peer.table = new PeerTable(undefined, () => this.#random.uniform())
    peer.isOnline = true
    peer.changed()
    peer.renewAt = now + (announceTtlMs / 2) * this.#random.uniform()
    this.#places.set(peer, this.online.length)
    this.online.push(peer)
    this.#dial(peer, now)
  }

  leave(peer: SimPeer): void {
    peer.isOnline = false
    const place = this.#places.get(peer) ?? 0
    const last = this.online.pop()
    if (last !== undefined && last !== peer) {
      this.online[place] = last
      this.#places.set(last, place)
    }
    this.#places.delete(peer)
    for (const neighbour of peer.neighbours) {
      neighbour.neighbours.splice(neighbour.neighbours.indexOf(peer), 1)
      neighbour.table.remove(peer.key)
    }
    peer.neighbours.length = 0
  }

  /** The peer tells its neighbours what is new about it. */
  announce(peer: SimPeer, now: number): void {
    peer.changed()
    peer.renewAt = now + announceTtlMs / 2
    for (const neighbour of peer.neighbours) neighbour.table.put(peer.announcement, { now })
    this.messages += peer.neighbours.length
  }

  /** Everybody gossips once with one neighbour, renews what is about to expire, and replaces connections that were lost. */
  round(now: number): void {
    for (const peer of this.online) {
      if (peer.renewAt <= now) this.announce(peer, now)
      if (peer.neighbours.length < dialled / 2) this.#dial(peer, now)
      const partner = peer.neighbours[this.#random.below(peer.neighbours.length)]
      if (partner === undefined) continue
      tell(peer, partner, now)
      tell(partner, peer, now)
      this.messages += 2
    }
  }

  #dial(peer: SimPeer, now: number): void {
    for (let attempt = 0; attempt < 2 * dialled; attempt++) {
      if (peer.neighbours.length >= Math.min(dialled, this.online.length - 1)) return
      const other = this.online[this.#random.below(this.online.length)]
      if (other === undefined || other === peer || peer.isNeighbour(other)) continue
      if (other.neighbours.length >= maxConnections) continue
      peer.neighbours.push(other)
      other.neighbours.push(peer)
      for (const [from, to] of [
        [peer, other],
        [other, peer]
      ] as const) {
        to.table.put(from.announcement, { now })
        to.table.setConnected(from.key, true)
      }
      this.messages += 2
    }
  }
}

function tell(from: SimPeer, to: SimPeer, now: number): void {
  for (const { announcement, expiresAt } of from.table.sample(toldAtOnce, now)) {
    if (announcement.peer !== to.key) to.table.put(announcement, { now, leftMs: expiresAt - now })
  }
}
