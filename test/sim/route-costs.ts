import type { ReachableStage } from '#contract/announce.ts'
import { hopMicros, stageMicros } from '#swarm/routing/route-cost.ts'
import type { RouteGraph } from '#swarm/routing/shortest-route.ts'
import { typicalMicrosPerLayer } from '#swarm/routing/stage-speed.ts'
import { simModel } from './sim-model.ts'
import type { SimPeer } from './sim-peer.ts'
import { roundTripMillis } from './world/home-links.ts'

/** As routing charges it (`swarm/routing/route-cost.ts`). */
const hopOverheadMicros = 15_000

const range = { first: 0, end: simModel.shape.layers }

/** Costs in microseconds per token as they are: true speeds, true distances, true load. */
export function trueCosts(coordinator: SimPeer, online: readonly SimPeer[]): RouteGraph<SimPeer> {
  const rangeOf = ({ held }: SimPeer): { first: number; end: number } =>
    held ?? { first: 0, end: 0 }
  return {
    stages: online.filter(
      ({ held, isReady, busySlots }) => held !== undefined && isReady && busySlots < simModel.slots
    ),
    range,
    rangeOf,
    stageCost(peer) {
      const { first, end } = rangeOf(peer)
      const compute = peer.microsPerLayer * (end - first)
      const overhead = peer === coordinator ? 0 : hopOverheadMicros
      return compute * (1 + peer.busySlots / simModel.slots) + overhead
    },
    hopCost(from = coordinator, to = coordinator) {
      return from === to ? 0 : (roundTripMillis(from.link, to.link) * 1000) / 2
    }
  }
}

/** Costs as a coordinator knows them. */
export function knownCosts(stages: readonly ReachableStage[]): RouteGraph<ReachableStage> {
  const free = stages.filter(({ offer }) => offer.freeSlots > 0)
  const typical = typicalMicrosPerLayer(free)
  return {
    stages: free,
    range,
    rangeOf: ({ offer }) => offer.range,
    stageCost: (stage) => stageMicros(stage, typical),
    hopCost: hopMicros
  }
}
