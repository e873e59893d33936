import type { ReachableStage } from '#contract/announce.ts'
import type { RouteStage } from '#contract/chat.ts'

/** A chain as a person sees it. */
export function routeOf(stages: readonly ReachableStage[]): RouteStage[] {
  return stages.map(({ peer, isLocal, roundTripMillis, offer }) => {
    const stage = { peer, range: offer.range, isLocal }
    return roundTripMillis === undefined ? stage : { ...stage, roundTripMillis }
  })
}
