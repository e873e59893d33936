import type { ReachableStage } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import { chooseRoute } from '#swarm/routing/choose-route.ts'
import type { RouteGraph } from '#swarm/routing/shortest-route.ts'
import type { Random } from '#test/support/models/random.ts'
import type { Overlay } from './overlay.ts'
import { simModel } from './sim-model.ts'
import type { SimPeer } from './sim-peer.ts'
import { costOf, leastCost } from './exact-route.ts'
import { knownCosts, trueCosts } from './route-costs.ts'

/** Chains tried before an answer is given up: as `session/open-chain.ts` does. */
const attempts = 3
/** KV cells and tokens of a conversation. */
const conversation = { cells: 4096, tokens: 400 } as const
/** Swarms up to this size are compared with the best chain of all. */
const comparedPeers = 400

/** A session at work. */
export interface SimSession {
  readonly coordinator: SimPeer
  chain: SimPeer[]
}

/** What came of the sessions that people began. */
export interface DemandCounts {
  asked: number
  served: number
  /** Peers that refused: full, gone, or moved. */
  refused: number
  /** Stages replaced in the middle of an answer, and answers for which none was left. */
  healed: number
  broken: number
  hops: number
  /** Cost of the chain taken against the best of all, by what its coordinator knows, and by how things are. */
  readonly knownRatios: number[]
  readonly trueRatios: number[]
}

/** People who chat: their peers choose chains by what they know. Time in milliseconds. */
export class Demand {
  readonly counts: DemandCounts = {
    asked: 0,
    served: 0,
    refused: 0,
    healed: 0,
    broken: 0,
    hops: 0,
    knownRatios: [],
    trueRatios: []
  }
  readonly #sessions = new Map<SimPeer, Set<SimSession>>()
  readonly #overlay: Overlay
  readonly #peers: ReadonlyMap<PeerKey, SimPeer>
  readonly #random: Random

  constructor(overlay: Overlay, peers: ReadonlyMap<PeerKey, SimPeer>, random: Random) {
    this.#overlay = overlay
    this.#peers = peers
    this.#random = random
  }

  /** Somebody asks. Returns the session and how long it lasts in milliseconds; `undefined` when the swarm cannot serve it. */
  begin(coordinator: SimPeer, now: number): { session: SimSession; lasts: number } | undefined {
    this.counts.asked++
    const chain = this.#open(coordinator, { first: 0, end: simModel.shape.layers }, now)
    if (chain === undefined) return undefined
    const truth = trueCosts(coordinator, this.#overlay.online)
    const cost = costOf(truth, chain)
    this.counts.served++
    this.counts.hops += chain.length
    if (this.#overlay.online.length <= comparedPeers) this.#compare(coordinator, chain, truth, now)
    const session = { coordinator, chain }
    for (const peer of chain) this.#occupy(peer, session, now)
    return { session, lasts: (cost * conversation.tokens) / 1000 }
  }

  #compare(
    coordinator: SimPeer,
    chain: readonly SimPeer[],
    truth: RouteGraph<SimPeer>,
    now: number
  ): void {
    const least = leastCost(truth)
    if (least !== undefined) this.counts.trueRatios.push(costOf(truth, chain) / least)
    const known = knownCosts(this.#known(coordinator, now))
    const leastKnown = leastCost(known)
    const stages = new Map(known.stages.map((stage) => [stage.peer, stage]))
    const taken = chain.flatMap(({ key }) => stages.get(key) ?? [])
    if (leastKnown !== undefined && taken.length === chain.length) {
      this.counts.knownRatios.push(costOf(known, taken) / leastKnown)
    }
  }

  end(session: SimSession, now: number): void {
    for (const peer of session.chain) this.#free(peer, session, now)
    const { coordinator } = session
    for (const { key, microsPerLayer } of session.chain) {
      coordinator.measured.set(key, { microsPerLayer, waitMicros: 0 })
    }
    session.chain = []
  }

  /** The peer serves nobody any more: each of its sessions replaces it, and only it. */
  lose(peer: SimPeer, range: LayerRange, now: number): void {
    for (const session of [...(this.#sessions.get(peer) ?? [])]) {
      const place = session.chain.indexOf(peer)
      this.#free(peer, session, now)
      const spare = session.coordinator.isOnline
        ? this.#open(session.coordinator, range, now)
        : undefined
      if (spare === undefined) {
        if (session.coordinator.isOnline) this.counts.broken++
        session.chain.splice(place, 1)
        this.end(session, now)
        continue
      }
      this.counts.healed++
      session.chain.splice(place, 1, ...spare)
      for (const replacement of spare) this.#occupy(replacement, session, now)
    }
  }

  /** Chooses among what the coordinator knows, and asks who was chosen; who refuses is left out of the next try. */
  #open(coordinator: SimPeer, range: LayerRange, now: number): SimPeer[] | undefined {
    const avoid = new Set<PeerKey>()
    const { key, shape } = simModel
    const need = { model: key, layers: shape.layers, dtype: 'float16' as const, range, avoid }
    const stages = this.#known(coordinator, now)
    for (let attempt = 0; attempt < attempts; attempt++) {
      const route = this.#route(stages, { ...need, tokens: conversation.cells })
      if (route === undefined) return undefined
      const chosen = route.map((stage) => ({ stage, peer: this.#peers.get(stage.peer) }))
      const refusing = chosen.filter(({ stage, peer }) => !serves(peer, stage))
      if (refusing.length === 0) return chosen.flatMap(({ peer }) => peer ?? [])
      this.counts.refused += refusing.length
      for (const { stage, peer } of refusing) {
        avoid.add(stage.peer)
        if (peer?.isOnline !== true) coordinator.table.remove(stage.peer)
      }
    }
    return undefined
  }

  #route(
    stages: readonly ReachableStage[],
    need: Parameters<typeof chooseRoute>[1]
  ): readonly ReachableStage[] | undefined {
    try {
      return chooseRoute(stages, need, () => this.#random.uniform())
    } catch (thrown) {
      if (thrown instanceof SkeinError) return undefined
      throw thrown
    }
  }

  #known(coordinator: SimPeer, now: number): ReachableStage[] {
    const neighbours = new Map(coordinator.neighbours.map((peer) => [peer.key, peer]))
    const known = coordinator.table
      .current(now)
      .flatMap((it) => coordinator.reachable(it, neighbours.get(it.peer)))
    return [...known, ...coordinator.reachable(coordinator.announcement, undefined)]
  }

  #occupy(peer: SimPeer, session: SimSession, now: number): void {
    peer.busySlots++
    const sessions = this.#sessions.get(peer)
    if (sessions === undefined) this.#sessions.set(peer, new Set([session]))
    else sessions.add(session)
    this.#overlay.announce(peer, now)
  }

  #free(peer: SimPeer, session: SimSession, now: number): void {
    if (this.#sessions.get(peer)?.delete(session) !== true) return
    peer.busySlots--
    if (peer.isOnline) this.#overlay.announce(peer, now)
  }
}

function serves(peer: SimPeer | undefined, { offer }: ReachableStage): boolean {
  return (
    peer?.isOnline === true &&
    peer.isReady &&
    peer.busySlots < simModel.slots &&
    peer.held?.first === offer.range.first &&
    peer.held.end === offer.range.end
  )
}
