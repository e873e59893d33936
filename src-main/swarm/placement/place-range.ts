import type { LayerRange } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { PlacedStage } from '#contract/placement.ts'
import { FlowField } from './flow-field.ts'
import { lot } from './lottery.ts'
import type { ModelGrid } from './model-grid.ts'
import { peerRate, swarmWires, typicalOf } from './swarm-wires.ts'

export interface PlacementQuestion {
  readonly self: PeerKey
  readonly grid: ModelGrid
  /** What this peer may use, in bytes. */
  readonly memoryBytes: number
  /** This peer's own measurement; absent until there is one. */
  readonly microsPerLayer?: number
  /** Known of others: hosted, or on their way to it. */
  readonly others: readonly PlacedStage[]
  /** What this peer hosts, or hosted last: its weights are here already. */
  readonly held?: LayerRange
}

export interface Placement {
  /** The range that helps the swarm most. */
  readonly range: LayerRange
  /** How many times more the swarm gains by it than by the range that this peer holds; infinite where it holds none. */
  readonly advantage: number
}

/**
 * Gains this close to the best are the same: what a peer knows of the swarm is a sample, and would not tell them apart. Among them the
 * longest range wins, because a chain of longer ranges has fewer hops, and then the lot of this peer, so that peers that come at once
 * part.
 */
const sameGain = 0.9

/** Ends of ranges that are no part's, cut by hand or by another version: as many are looked at. */
const maxOddEnds = 16

interface Candidate {
  readonly range: LayerRange
  readonly gain: number
}

/** The range that this peer should host; `undefined` when it has room for none. Pure: the same question has the same answer. */
export function placeRange(question: PlacementQuestion): Placement | undefined {
  const { grid, memoryBytes, held, self } = question
  const others = question.others.filter(({ peer, range }) => peer !== self && grid.isRange(range))
  const ranges = candidateRanges(question, others).filter(
    (range) => grid.bytesOf(range) <= memoryBytes
  )
  const points = pointsOf([...ranges, ...others.map(({ range }) => range)], grid.layers)
  const field = new FlowField(points, swarmWires(points, others))
  const rate = peerRate(question.microsPerLayer, typicalOf(others))
  const indexOf = new Map(points.map((layer, index) => [layer, index]))
  const candidates = ranges.map((range) => {
    const [from = 0, to = 0] = [indexOf.get(range.first), indexOf.get(range.end)]
    return { range, gain: field.gain({ from, to, rate }) }
  })
  const best = pick(candidates, self)
  if (best === undefined) return undefined
  const kept = candidates.find(({ range }) => isSame(range, held))
  if (kept === undefined) return { range: best.range, advantage: Infinity }
  return { range: best.range, advantage: best.gain / kept.gain }
}

/** Parts of the model, what this peer holds, and what lies between parts and the odd ends of others' ranges. */
function candidateRanges(
  { grid, held }: PlacementQuestion,
  others: readonly PlacedStage[]
): LayerRange[] {
  const partEnds = new Set(grid.parts.flatMap(({ first, end }) => [first, end]))
  const found = new Map(grid.parts.map((range) => [keyOf(range), range]))
  if (held !== undefined && grid.isRange(held)) found.set(keyOf(held), held)
  const odd = new Set<number>()
  for (const { range } of others) {
    for (const end of [range.first, range.end]) {
      if (!partEnds.has(end) && odd.size < maxOddEnds) odd.add(end)
    }
  }
  for (const end of odd) {
    for (const other of [...partEnds, ...odd]) {
      const range = { first: Math.min(end, other), end: Math.max(end, other) }
      if (range.first < range.end) found.set(keyOf(range), range)
    }
  }
  return [...found.values()]
}

function pointsOf(ranges: readonly LayerRange[], layers: number): number[] {
  const points = new Set([0, layers])
  for (const { first, end } of ranges) points.add(first).add(end)
  return [...points].toSorted((a, b) => a - b)
}

function pick(candidates: readonly Candidate[], self: PeerKey): Candidate | undefined {
  const most = candidates.reduce((best, { gain }) => Math.max(best, gain), 0)
  const near = candidates.filter(({ gain }) => gain >= most * sameGain)
  const longest = near.reduce((best, { range }) => Math.max(best, range.end - range.first), 0)
  return near
    .filter(({ range }) => range.end - range.first === longest)
    .map((candidate) => ({ candidate, drawn: lot(self, candidate.range) }))
    .reduce<{ candidate: Candidate; drawn: number } | undefined>(
      (best, next) => (best === undefined || next.drawn > best.drawn ? next : best),
      undefined
    )?.candidate
}

function isSame(range: LayerRange, held: LayerRange | undefined): boolean {
  return range.first === held?.first && range.end === held.end
}

function keyOf({ first, end }: LayerRange): number {
  return first * 65_536 + end
}
