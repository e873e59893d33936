import type { ReachableStage } from '#contract/announce.ts'
import type { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { Place } from './place.ts'

/** Layers of a run that somebody else is to serve, or a stage that stays and is filled anew. */
type RunPart =
  | { readonly kind: 'replace'; readonly range: LayerRange }
  | { readonly kind: 'refill'; readonly range: LayerRange; readonly stage: ReachableStage }

/** Neighbours in a chain that are all in trouble. */
export interface TroubledRun {
  readonly first: number
  readonly count: number
  readonly range: LayerRange
  /** The first one's. */
  readonly error: SkeinError
  /** Whether nothing passes it any more. */
  readonly isFatal: boolean
  /** What a token costs there more than it did, when that is all: whoever takes over must be worth it. */
  readonly excessMillis: number | undefined
  readonly parts: readonly RunPart[]
  /** Peers to do without, and why. */
  readonly culprits: readonly { readonly peer: PeerKey; readonly error: SkeinError }[]
}

/** Sound places that are replaced with those in trouble at most: each of them loses its cache for it. */
const mostTakenAlong = 4

/** The first run of places in trouble, as long as it goes; those that nothing passes any more come before those that merely should go. */
export function troubledRun(places: readonly Place[]): TroubledRun | undefined {
  return (
    runOf(places, (place) => place.trouble?.isFatal === true) ??
    runOf(places, (place) => place.trouble !== undefined)
  )
}

/**
 * Runs that take sound neighbours along, the shortest first: where nobody serves just the layers in trouble, somebody may serve them and
 * some more, or all.
 */
export function widened(places: readonly Place[], { first, count }: TroubledRun): TroubledRun[] {
  const runs: TroubledRun[] = []
  for (let more = 1; more <= Math.min(mostTakenAlong, places.length - count); more++) {
    for (let before = Math.max(0, more + first + count - places.length); before <= more; before++) {
      if (before <= first) runs.push(...describe(places, first - before, count + more))
    }
  }
  return runs
}

function runOf(places: readonly Place[], isIn: (place: Place) => boolean): TroubledRun | undefined {
  const first = places.findIndex(isIn)
  if (first === -1) return undefined
  const after = places.findIndex((place, index) => index > first && !isIn(place))
  return describe(places, first, (after === -1 ? places.length : after) - first)[0]
}

/** One run, or none where no place of it is in trouble. */
function describe(places: readonly Place[], first: number, count: number): TroubledRun[] {
  const run = places.slice(first, first + count)
  const error = run.find(({ trouble }) => trouble !== undefined)?.trouble?.error
  const range = rangeOf(run)
  if (error === undefined || range === undefined) return []
  const described = {
    first,
    count: run.length,
    range,
    error,
    isFatal: run.some(({ trouble }) => trouble?.isFatal === true),
    excessMillis: run.every(({ trouble }) => trouble?.excessMillis !== undefined)
      ? run.reduce((sum, { trouble }) => sum + (trouble?.excessMillis ?? 0), 0)
      : undefined,
    parts: partsOf(run),
    culprits: run.flatMap(({ stage: { peer }, trouble }) =>
      trouble === undefined || trouble.error.code === 'history-gone'
        ? []
        : [{ peer, error: trouble.error }]
    )
  }
  return [described]
}

/** A stage that no longer keeps what it sent is sound: it is filled again, and sends all of it again. */
function partsOf(run: readonly Place[]): RunPart[] {
  const parts: RunPart[] = []
  for (const { range, stage, trouble } of run) {
    const last = parts.at(-1)
    if (trouble?.error.code === 'history-gone') parts.push({ kind: 'refill', range, stage })
    else if (last?.kind === 'replace') {
      parts[parts.length - 1] = {
        kind: 'replace',
        range: { first: last.range.first, end: range.end }
      }
    } else parts.push({ kind: 'replace', range })
  }
  return parts
}

function rangeOf(run: readonly Place[]): LayerRange | undefined {
  const first = run[0]?.range.first
  const end = run.at(-1)?.range.end
  return first === undefined || end === undefined ? undefined : { first, end }
}
