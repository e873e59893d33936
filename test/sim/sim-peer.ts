import type { Announcement, ReachableStage, StageMeasure, StageOffer } from '#contract/announce.ts'
import type { LayerRange } from '#contract/model.ts'
import { peerKeySchema, type PeerKey } from '#contract/peer.ts'
import { RangeKeeper } from '#swarm/placement/range-keeper.ts'
import { PeerTable } from '#swarm/peer-table.ts'
import type { Random } from '#test/support/models/random.ts'
import { simModel } from './sim-model.ts'
import { drawCard, type Card } from './world/graphics-cards.ts'
import { drawLink, roundTripMillis, type HomeLink } from './world/home-links.ts'
import { drawHours, type OnlineHours } from './world/online-hours.ts'

/** Announcements of this network hold half an hour. */
export const announceTtlMs = 1_800_000

/** A PC of the simulated world, and what it knows of the others. */
export class SimPeer {
  readonly key: PeerKey
  readonly card: Card
  readonly link: HomeLink
  readonly hours: OnlineHours
  /** True speed. */
  readonly microsPerLayer: number
  table: PeerTable
  readonly neighbours: SimPeer[] = []
  readonly measured = new Map<PeerKey, StageMeasure>()
  keeper = new RangeKeeper()
  isOnline = false
  /** Grows whenever the peer comes or goes: what was planned before counts no more. */
  spell = 0
  renewAt = 0
  /** What it hosts, or hosted last: the weights are on its disk. */
  held: LayerRange | undefined
  isReady = false
  busySlots = 0
  #announcement: Announcement | undefined
  #sequence = 0

  constructor(random: Random) {
    const words = Array.from({ length: 8 }, () => random.word().toString(16).padStart(8, '0'))
    this.key = peerKeySchema.parse(words.join(''))
    this.card = drawCard(random)
    this.link = drawLink(random)
    this.hours = drawHours(random, this.link.longitude)
    this.microsPerLayer = simModel.weightBytesPerLayer / this.card.bytesPerMicro
    this.table = new PeerTable(undefined, () => random.uniform())
  }

  /** What it says of itself; a new one after `changed`. */
  get announcement(): Announcement {
    this.#announcement ??= {
      peer: this.key,
      sequence: ++this.#sequence,
      state: 'lending',
      stages: this.held !== undefined && this.isReady ? [this.#offer(this.held)] : [],
      ...(this.held === undefined || this.isReady
        ? {}
        : { preparing: [{ model: simModel.key, range: this.held }] }),
      ttlMs: announceTtlMs
    }
    return this.#announcement
  }

  changed(): void {
    this.#announcement = undefined
  }

  isNeighbour(peer: SimPeer): boolean {
    return this.neighbours.includes(peer)
  }

  /** A stage as this peer's routing sees it. */
  reachable(announcement: Announcement, neighbour: SimPeer | undefined): ReachableStage[] {
    const measured = this.measured.get(announcement.peer)
    return announcement.stages.map((offer) => ({
      peer: announcement.peer,
      isLocal: announcement.peer === this.key,
      offer,
      ...(neighbour === undefined
        ? {}
        : { roundTripMillis: roundTripMillis(this.link, neighbour.link) }),
      ...(measured === undefined ? {} : { measured })
    }))
  }

  #offer(range: LayerRange): StageOffer {
    const { key, shape, slots, contextTokens, width } = simModel
    const freeSlots = Math.max(0, slots - this.busySlots)
    return {
      model: key,
      range,
      layers: shape.layers,
      width,
      slots,
      freeSlots,
      contextTokens,
      freeTokens: (contextTokens / slots) * freeSlots,
      dtypes: ['float16'],
      microsPerLayer: this.microsPerLayer
    }
  }
}
