import type { PlacedStage } from '#contract/placement.ts'
import type { Wire } from './flow-field.ts'

/** A peer counts for at most this many typical ones: one that is far faster may leave as soon as any other. */
const mostTypicals = 4
/** And for at least this share of one. */
const leastTypical = 1 / 16

/**
 * What a stage counts for whose layers nobody else hosts: one death would end every chain through it. So the next peer that comes becomes
 * its spare, loaded and ready, before it makes anything faster.
 */
const soleHolderShare = 0.1

/** How fast a peer is against the typical one; 1 where nothing is known. */
export function peerRate(microsPerLayer: number | undefined, typical: number | undefined): number {
  if (microsPerLayer === undefined || typical === undefined) return 1
  return Math.min(mostTypicals, Math.max(leastTypical, typical / microsPerLayer))
}

/** The middle of what is known of these stages. */
export function typicalOf(stages: readonly PlacedStage[]): number | undefined {
  const known = stages.flatMap(({ microsPerLayer }) => microsPerLayer ?? [])
  return known.toSorted((a, b) => a - b)[known.length >> 1]
}

/** The stages of a swarm as wires between points; those that neither begin nor end at one are left out. */
export function swarmWires(points: readonly number[], stages: readonly PlacedStage[]): Wire[] {
  const indexOf = new Map(points.map((layer, index) => [layer, index]))
  const typical = typicalOf(stages)
  const wires = stages.flatMap(({ range, microsPerLayer }) => {
    const from = indexOf.get(range.first)
    const to = indexOf.get(range.end)
    if (from === undefined || to === undefined || from >= to) return []
    return { from, to, rate: peerRate(microsPerLayer, typical) }
  })
  const holders = new Uint16Array(points.length)
  for (const { from, to } of wires) {
    for (let index = from; index < to; index++) holders[index] = (holders[index] ?? 0) + 1
  }
  return wires.map((wire) => {
    const isAlone = holders.subarray(wire.from, wire.to).includes(1)
    return isAlone ? { ...wire, rate: wire.rate * soleHolderShare } : wire
  })
}
