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

/** Parts shorter than this share of the longest that fits only make chains longer. */
const shortestShare = 1 / 3
/** Ranges of others that are no parts, cut by hand or by another version: this peer may become their spare. As many are looked at. */
const maxOddRanges = 32

interface Candidate {
  readonly range: LayerRange
  readonly gain: number
}

/** The range that this peer should host; `undefined` when it has room for none. Pure: the same question has the same answer. */
export function placeRange(question: PlacementQuestion): Placement | undefined {
  const { grid, held, self } = question
  const others = question.others.filter(({ peer, range }) => peer !== self && grid.isRange(range))
  const ranges = candidateRanges(question, others)
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
  // A range across which tokens would flow backwards gains nothing at all; to leave it still takes its turn.
  return { range: best.range, advantage: Math.min(best.gain / kept.gain, Number.MAX_VALUE) }
}

/** What fits: parts of the model, gaps, others' ranges, and what this peer holds. */
function candidateRanges(
  { grid, held, memoryBytes }: PlacementQuestion,
  others: readonly PlacedStage[]
): LayerRange[] {
  const fitting = grid.parts.filter((range) => grid.bytesOf(range) <= memoryBytes)
  const shortest = (fitting[0] === undefined ? 0 : lengthOf(fitting[0])) * shortestShare
  const found = fitting.filter((range) => lengthOf(range) >= shortest)
  const odd = others.filter(({ range }) => !grid.isPart(range)).slice(0, maxOddRanges)
  const more = [...gapsOf(others, grid.layers), ...odd.map(({ range }) => range)]
  if (held !== undefined) more.push(held)
  for (const range of more) {
    const fits = grid.isRange(range) && grid.bytesOf(range) <= memoryBytes
    if (fits && !found.some((other) => isSame(other, range))) found.push(range)
  }
  return found
}

/** Layers in a row that nobody hosts. */
function gapsOf(stages: readonly PlacedStage[], layers: number): LayerRange[] {
  const isHosted = new Uint8Array(layers)
  for (const { range } of stages) isHosted.fill(1, range.first, range.end)
  const gaps: LayerRange[] = []
  for (let first = isHosted.indexOf(0); first >= 0; first = isHosted.indexOf(0, first)) {
    const next = isHosted.indexOf(1, first)
    const end = next < 0 ? layers : next
    gaps.push({ first, end })
    first = end
  }
  return gaps
}

function pointsOf(ranges: readonly LayerRange[], layers: number): number[] {
  const points = new Set([0, layers])
  for (const { first, end } of ranges) points.add(first).add(end)
  return [...points].toSorted((a, b) => a - b)
}

function pick(candidates: readonly Candidate[], self: PeerKey): Candidate | undefined {
  const most = candidates.reduce((best, { gain }) => Math.max(best, gain), 0)
  const near = candidates.filter(({ gain }) => gain >= most * sameGain)
  const longest = near.reduce((best, { range }) => Math.max(best, lengthOf(range)), 0)
  return near
    .filter(({ range }) => lengthOf(range) === longest)
    .map((candidate) => ({ candidate, drawn: lot(self, candidate.range) }))
    .reduce<{ candidate: Candidate; drawn: number } | undefined>(
      (best, next) => (best === undefined || next.drawn > best.drawn ? next : best),
      undefined
    )?.candidate
}

function isSame(range: LayerRange, held: LayerRange | undefined): boolean {
  return range.first === held?.first && range.end === held.end
}

function lengthOf({ first, end }: LayerRange): number {
  return end - first
}
