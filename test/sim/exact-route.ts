import type { RouteGraph } from '#swarm/routing/shortest-route.ts'

/** The least cost of any chain; `undefined` when there is none. Looks at every pair of neighbours, where routing looks at the likely ones only. */
export function leastCost<S>(graph: RouteGraph<S>): number | undefined {
  const { range, rangeOf, stageCost, hopCost } = graph
  const paths: { readonly stage: S; readonly end: number; readonly cost: number }[] = []
  let least: number | undefined
  for (const stage of graph.stages.toSorted((a, b) => rangeOf(a).first - rangeOf(b).first)) {
    const { first, end } = rangeOf(stage)
    let cost = first === range.first ? hopCost(undefined, stage) : Infinity
    for (const before of paths) {
      if (before.end === first) cost = Math.min(cost, before.cost + hopCost(before.stage, stage))
    }
    if (cost === Infinity) continue
    cost += stageCost(stage)
    paths.push({ stage, end, cost })
    if (end === range.end) least = Math.min(least ?? Infinity, cost + hopCost(stage, undefined))
  }
  return least
}

/** What a chain costs. */
export function costOf<S>({ stageCost, hopCost }: RouteGraph<S>, chain: readonly S[]): number {
  let cost = hopCost(chain.at(-1), undefined)
  for (const [index, stage] of chain.entries()) {
    cost += hopCost(chain[index - 1], stage) + stageCost(stage)
  }
  return cost
}
