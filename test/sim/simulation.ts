import type { LayerRange } from '#contract/model.ts'
import { ModelGrid } from '#swarm/placement/model-grid.ts'
import { placedStages } from '#swarm/placement/placed-stages.ts'
import { Random } from '#test/support/models/random.ts'
import { Demand, type SimSession } from './demand.ts'
import { EventQueue } from './event-queue.ts'
import { maxFlow } from './max-flow.ts'
import { Overlay } from './overlay.ts'
import { simModel } from './sim-model.ts'
import { SimPeer } from './sim-peer.ts'
import { nextSpell } from './world/online-hours.ts'

export interface SimOptions {
  readonly peers: number
  readonly hours: number
  readonly seed: number
  /** Conversations that each peer's person begins in a day. */
  readonly sessionsPerDay: number
}

/** The state of the swarm at one moment. */
export interface SwarmSample {
  readonly online: number
  /** Share of layers with a ready host. */
  readonly coverage: number
  /** Tokens per second that the swarm lets through, against what the same peers could at the very best. */
  readonly throughput: number
}

export interface SimResult {
  readonly options: SimOptions
  readonly samples: readonly SwarmSample[]
  readonly demand: Demand['counts']
  readonly moves: number
  readonly messages: number
  /** Hours that peers were online, all together, in the measured time. */
  readonly peerHours: number
  /** Peers known to a peer, on average at the end. */
  readonly known: number
}

type Event =
  | { readonly kind: 'on' | 'off'; readonly peer: SimPeer; readonly until: number }
  | {
      readonly kind: 'look' | 'ready'
      readonly peer: SimPeer
      readonly spell: number
      readonly range?: LayerRange | undefined
    }
  | { readonly kind: 'ask' }
  | { readonly kind: 'end'; readonly session: SimSession }

const second = 1000
const hour = 3600 * second
const roundMs = 400 * second
const sampleMs = 20 * 60 * second
/** Before this, the swarm fills up: nothing is counted. */
const warmUpMs = 2 * hour
/** From the start of a peer to its first look: it has met others by then. */
const firstLookMs = 60 * second
const loadMs = 20 * second

/** One run: everything follows from the options, the seed included. */
export class Simulation {
  readonly #options: SimOptions
  readonly #random: Random
  readonly #events = new EventQueue<Event>()
  readonly #grid = new ModelGrid(simModel.shape)
  readonly #overlay: Overlay
  readonly #demand: Demand
  readonly #peers: readonly SimPeer[]
  readonly #samples: SwarmSample[] = []
  #moves = 0
  #peerHours = 0
  #now = 0

  constructor(options: SimOptions) {
    this.#options = options
    this.#random = new Random(options.seed)
    this.#overlay = new Overlay(this.#random)
    this.#peers = Array.from({ length: options.peers }, () => new SimPeer(this.#random))
    const byKey = new Map(this.#peers.map((peer) => [peer.key, peer]))
    this.#demand = new Demand(this.#overlay, byKey, this.#random)
    for (const peer of this.#peers) this.#planSpell(peer, 0)
    this.#planQuestion()
  }

  run(progress: (doneShare: number) => void = () => undefined): SimResult {
    const end = this.#options.hours * hour
    let messagesAtStart = 0
    for (let round = roundMs; round <= end; round += roundMs) {
      for (
        let next = this.#events.next(round);
        next !== undefined;
        next = this.#events.next(round)
      ) {
        this.#now = next.at
        this.#handle(next.event)
      }
      this.#now = round
      this.#overlay.round(round)
      if (round === warmUpMs) {
        messagesAtStart = this.#overlay.messages
        this.#moves = 0
      }
      if (round > warmUpMs) this.#peerHours += (this.#overlay.online.length * roundMs) / hour
      if (round > warmUpMs && round % sampleMs === 0) this.#samples.push(this.#sample())
      progress(round / end)
    }
    const { online } = this.#overlay
    return {
      options: this.#options,
      samples: this.#samples,
      demand: this.#demand.counts,
      moves: this.#moves,
      messages: this.#overlay.messages - messagesAtStart,
      peerHours: this.#peerHours,
      known: online.reduce((sum, { table }) => sum + table.size, 0) / Math.max(1, online.length)
    }
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case 'on':
        return this.#comeOnline(event.peer, event.until)
      case 'off':
        return this.#goOffline(event.peer)
      case 'look':
        if (event.peer.isOnline && event.peer.spell === event.spell) this.#look(event.peer)
        return
      case 'ready':
        return this.#becomeReady(event.peer, event.spell, event.range)
      case 'ask':
        return this.#ask()
      case 'end':
        return this.#demand.end(event.session, this.#now)
    }
  }

  #planSpell(peer: SimPeer, now: number): void {
    const { from, until } = nextSpell(peer.hours, now / second, this.#random)
    // Those that are on at the start come one after the other: no swarm is born in one moment.
    const first = from === 0 ? this.#random.uniform() * 0.5 * hour : 0
    this.#events.add(from * second + first, { kind: 'on', peer, until: until * second + first })
  }

  #comeOnline(peer: SimPeer, until: number): void {
    peer.spell++
    peer.isReady = false
    peer.busySlots = 0
    this.#overlay.join(peer, this.#now)
    this.#events.add(until, { kind: 'off', peer, until })
    const delay = firstLookMs * (0.5 + this.#random.uniform())
    this.#events.add(this.#now + delay, { kind: 'look', peer, spell: peer.spell })
  }

  #goOffline(peer: SimPeer): void {
    peer.spell++
    this.#overlay.leave(peer)
    this.#stopServing(peer)
    this.#planSpell(peer, this.#now)
  }

  #look(peer: SimPeer): void {
    const { key: self, held, card, table, measured } = peer
    const others = placedStages(
      table.current(this.#now),
      simModel.key,
      (other) => measured.get(other)?.microsPerLayer
    )
    const decision = peer.keeper.look(
      {
        self,
        grid: this.#grid,
        memoryBytes: card.memoryBytes,
        microsPerLayer: peer.microsPerLayer,
        others,
        ...(held === undefined ? {} : { held })
      },
      this.#now
    )
    const wait = decision.nextLookMs * (0.9 + 0.2 * this.#random.uniform())
    this.#events.add(this.#now + wait, { kind: 'look', peer, spell: peer.spell })
    if (decision.kind === 'take') this.#take(peer, decision.range)
    else if (decision.kind === 'keep' && !peer.isReady) this.#load(peer, 0)
  }

  #take(peer: SimPeer, range: LayerRange | undefined): void {
    if (peer.held !== undefined) this.#moves++
    this.#stopServing(peer)
    peer.held = range
    const bytes = range === undefined ? 0 : this.#grid.bytesOf(range)
    this.#load(peer, (bytes / peer.link.downloadBytesPerSecond) * second)
  }

  #load(peer: SimPeer, fetchMs: number): void {
    this.#overlay.announce(peer, this.#now)
    const { spell, held: range } = peer
    this.#events.add(this.#now + fetchMs + loadMs, { kind: 'ready', peer, spell, range })
  }

  #becomeReady(peer: SimPeer, spell: number, range: LayerRange | undefined): void {
    if (peer.spell !== spell || peer.held !== range || !peer.isOnline) return
    peer.isReady = true
    this.#overlay.announce(peer, this.#now)
  }

  #stopServing(peer: SimPeer): void {
    const { held, isReady } = peer
    peer.isReady = false
    if (isReady && held !== undefined) this.#demand.lose(peer, held, this.#now)
  }

  #ask(): void {
    this.#planQuestion()
    const { online } = this.#overlay
    const coordinator = online[this.#random.below(online.length)]
    if (coordinator === undefined || this.#now < warmUpMs) return
    const begun = this.#demand.begin(coordinator, this.#now)
    if (begun === undefined) return
    this.#events.add(this.#now + begun.lasts, { kind: 'end', session: begun.session })
  }

  /** Questions of all people together come at random, a few per day from each. */
  #planQuestion(): void {
    const { peers, sessionsPerDay } = this.#options
    const mean = (24 * hour) / (peers * sessionsPerDay)
    const wait = -Math.log(1 - this.#random.uniform()) * mean
    this.#events.add(this.#now + wait, { kind: 'ask' })
  }

  #sample(): SwarmSample {
    const { layers } = simModel.shape
    const covered = new Uint8Array(layers)
    let best = 0
    const stages = this.#overlay.online.flatMap((peer) => {
      const layersPerSecond = 1e6 / peer.microsPerLayer
      best += layersPerSecond / layers
      if (!peer.isReady || peer.held === undefined) return []
      const { first, end } = peer.held
      covered.fill(1, first, end)
      return [{ range: peer.held, tokensPerSecond: layersPerSecond / (end - first) }]
    })
    return {
      online: this.#overlay.online.length,
      coverage: covered.reduce((sum, it) => sum + it, 0) / layers,
      throughput: maxFlow(stages, layers) / best
    }
  }
}
