import type { LayerRange } from '#contract/model.ts'
import { stageLimits } from '#contract/stage.ts'

/**
 * Stages of one range that are looked at: the cheapest by themselves. More could only win by lying closer to their neighbours, and
 * cost time that grows with the square of their number.
 */
const maxRivals = 8

/** What a shortest path needs to know. Costs are in microseconds. */
export interface RouteGraph<S> {
  readonly stages: readonly S[]
  /** The layers to cover. */
  readonly range: LayerRange
  readonly rangeOf: (stage: S) => LayerRange
  readonly stageCost: (stage: S) => number
  /** One way; `undefined` is the coordinator, where a route begins and ends. */
  readonly hopCost: (from: S | undefined, to: S | undefined) => number
}

interface Costed<S> {
  readonly stage: S
  /** Of the stage alone. */
  readonly own: number
}

interface Path<S> {
  readonly stage: S
  readonly before: Path<S> | undefined
  readonly stages: number
  readonly cost: number
}

/**
 * The route with the lowest sum of its stages' and hops' costs, from the first to the last layer; `undefined` when there is none. Goes
 * through the layers upwards: when a stage's turn comes, the best path to each stage that ends where it begins is known already.
 */
export function shortestRoute<S>(graph: RouteGraph<S>): readonly S[] | undefined {
  const { range, rangeOf, hopCost } = graph
  const endingAt = new Map<number, Path<S>[]>()
  for (const { stage, own } of withoutHopeless(graph)) {
    const { first, end } = rangeOf(stage)
    let best: Path<S> | undefined
    if (first === range.first) {
      best = { stage, before: undefined, stages: 1, cost: own + hopCost(undefined, stage) }
    }
    for (const before of endingAt.get(first) ?? []) {
      const cost = before.cost + hopCost(before.stage, stage) + own
      if (best !== undefined && cost >= best.cost) continue
      if (before.stages < stageLimits.maxStages) {
        best = { stage, before, stages: before.stages + 1, cost }
      }
    }
    if (best === undefined) continue
    const paths = endingAt.get(end)
    if (paths === undefined) endingAt.set(end, [best])
    else paths.push(best)
  }
  return stagesOf(cheapest(endingAt.get(range.end) ?? [], hopCost))
}

/** Stages inside the range, in the order in which a path meets them; of each range the cheapest few. */
function withoutHopeless<S>({
  stages,
  range,
  rangeOf,
  stageCost,
  hopCost
}: RouteGraph<S>): Costed<S>[] {
  const byRange = new Map<number, (Costed<S> & { readonly alone: number })[]>()
  for (const stage of stages) {
    const { first, end } = rangeOf(stage)
    if (first < range.first || end > range.end) continue
    const own = stageCost(stage)
    const rival = { stage, own, alone: own + hopCost(undefined, stage) }
    const key = first * 65_536 + end
    const rivals = byRange.get(key)
    if (rivals === undefined) byRange.set(key, [rival])
    else rivals.push(rival)
  }
  return [...byRange]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([, rivals]) => rivals.toSorted((a, b) => a.alone - b.alone).slice(0, maxRivals))
}

function cheapest<S>(
  paths: readonly Path<S>[],
  hopCost: RouteGraph<S>['hopCost']
): Path<S> | undefined {
  let best: { path: Path<S>; cost: number } | undefined
  for (const path of paths) {
    const cost = path.cost + hopCost(path.stage, undefined)
    if (best === undefined || cost < best.cost) best = { path, cost }
  }
  return best?.path
}

function stagesOf<S>(last: Path<S> | undefined): readonly S[] | undefined {
  if (last === undefined) return undefined
  const stages: S[] = []
  for (let path: Path<S> | undefined = last; path !== undefined; path = path.before) {
    stages.push(path.stage)
  }
  return stages.toReversed()
}
