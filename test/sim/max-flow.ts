import type { LayerRange } from '#contract/model.ts'

export interface Capacity {
  readonly range: LayerRange
  /** Tokens per second that the stage can pass. */
  readonly tokensPerSecond: number
}

interface Edge {
  readonly to: number
  left: number
  /** The same edge the other way round. */
  back: Edge | undefined
}

const nothing = 1e-9

/**
 * The most tokens per second that stages can pass from the first to the last layer: what the worst place of the swarm lets through,
 * places where ranges do not meet included. Dinic's algorithm; stages of the same range are one edge.
 */
export function maxFlow(stages: readonly Capacity[], layers: number): number {
  const graph = buildGraph(stages, layers)
  let flow = 0
  for (;;) {
    const levels = levelsOf(graph, layers)
    if ((levels[layers] ?? -1) < 0) return flow
    const tried = graph.map(() => 0)
    for (;;) {
      const pushed = push(graph, levels, tried, 0, layers, Infinity)
      if (pushed <= nothing) break
      flow += pushed
    }
  }
}

function buildGraph(stages: readonly Capacity[], layers: number): Edge[][] {
  const capacities = new Map<number, number>()
  for (const { range, tokensPerSecond } of stages) {
    const key = range.first * 65_536 + range.end
    capacities.set(key, (capacities.get(key) ?? 0) + tokensPerSecond)
  }
  const graph = Array.from({ length: layers + 1 }, (): Edge[] => [])
  for (const [key, left] of capacities) {
    const [first, end] = [Math.floor(key / 65_536), key % 65_536]
    const forth: Edge = { to: end, left, back: undefined }
    const back: Edge = { to: first, left: 0, back: forth }
    forth.back = back
    graph[first]?.push(forth)
    graph[end]?.push(back)
  }
  return graph
}

function levelsOf(graph: readonly Edge[][], layers: number): number[] {
  const levels = Array.from({ length: layers + 1 }, () => -1)
  levels[0] = 0
  const queue = [0]
  for (const node of queue) {
    for (const { to, left } of graph[node] ?? []) {
      if (left <= nothing || (levels[to] ?? 0) >= 0) continue
      levels[to] = (levels[node] ?? 0) + 1
      queue.push(to)
    }
  }
  return levels
}

function push(
  graph: readonly Edge[][],
  levels: readonly number[],
  tried: number[],
  node: number,
  target: number,
  most: number
): number {
  if (node === target) return most
  const edges = graph[node] ?? []
  for (let index = tried[node] ?? 0; index < edges.length; index++) {
    tried[node] = index
    const edge = edges[index]
    if (edge === undefined || edge.left <= nothing) continue
    if (levels[edge.to] !== (levels[node] ?? 0) + 1) continue
    const pushed = push(graph, levels, tried, edge.to, target, Math.min(most, edge.left))
    if (pushed <= nothing) continue
    edge.left -= pushed
    if (edge.back !== undefined) edge.back.left += pushed
    return pushed
  }
  tried[node] = edges.length
  return 0
}
