import type { ReachableStage } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import { hopMicros, stageMicros } from './route-cost.ts'
import type { KeptStage, RouteNeed } from './route-need.ts'
import { shortestRoute } from './shortest-route.ts'
import { typicalMicrosPerLayer } from './stage-speed.ts'

/**
 * Each stage's cost is raised by a random share of up to this much before the shortest route is sought. So coordinators that know the
 * same spread over what is nearly equal instead of all taking the one best peer, whose load they learn of too late; and no route costs
 * more than 1.1 times the best. Perturbing costs before a shortest path: Kalai and Vempala, "Efficient algorithms for online decision
 * problems" (2005); that the best by stale news draws a herd where a random one of a few does not: Mitzenmacher, "How useful is old
 * information?" (2000).
 */
const perturbation = 0.1

/** A stage that holds the session's cache counts for this share of its cost: leaving it costs a prefill of all that it holds. */
const keptShare = 0.7

/**
 * The chain that serves a need in the least time for each token, among near equals a random one. Throws `no-chain` when some layers are
 * hosted by nobody, `prompt-too-long` when no chain could ever hold as many tokens, `stage-full` when one could, but not now.
 */
export function chooseRoute(
  stages: readonly ReachableStage[],
  need: RouteNeed,
  random: () => number = Math.random
): readonly ReachableStage[] {
  const usable = stages.filter((stage) => isUsable(stage, need))
  const withRoom = usable.filter(
    ({ offer }) => offer.freeSlots > 0 && offer.freeTokens >= need.tokens
  )
  const route = bestRoute(withRoom, need, random)
  if (route !== undefined) return route
  const large = usable.filter(({ offer }) => offer.contextTokens >= need.tokens)
  if (bestRoute(large, need, random) !== undefined) throw new SkeinError('stage-full')
  if (bestRoute(usable, need, random) !== undefined) {
    throw new SkeinError('prompt-too-long', `${need.tokens} tokens`)
  }
  throw new SkeinError('no-chain')
}

function isUsable({ peer, offer }: ReachableStage, need: RouteNeed): boolean {
  return (
    offer.model === need.model &&
    offer.adapter === need.adapter &&
    offer.layers === need.layers &&
    offer.range.end <= need.layers &&
    offer.dtypes.includes(need.dtype) &&
    need.avoid?.has(peer) !== true
  )
}

function bestRoute(
  stages: readonly ReachableStage[],
  need: RouteNeed,
  random: () => number
): readonly ReachableStage[] | undefined {
  const typical = typicalMicrosPerLayer(stages)
  const factors = new Map(stages.map((stage) => [stage, 1 + perturbation * random()]))
  const factorOf = (stage: ReachableStage): number =>
    (factors.get(stage) ?? 1) * (isKept(stage, need.keep) ? keptShare : 1)
  return shortestRoute({
    stages,
    range: need.range ?? { first: 0, end: need.layers },
    rangeOf: ({ offer }) => offer.range,
    stageCost: (stage) => stageMicros(stage, typical) * factorOf(stage),
    hopCost: hopMicros
  })
}

function isKept({ peer, offer }: ReachableStage, kept: readonly KeptStage[] = []): boolean {
  return kept.some(
    (it) =>
      it.peer === peer && it.range.first === offer.range.first && it.range.end === offer.range.end
  )
}
