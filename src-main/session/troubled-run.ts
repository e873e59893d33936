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

/** The first run of places in trouble, as long as it goes; those that nothing passes any more come before those that merely should go. */
export function troubledRun(places: readonly Place[]): TroubledRun | undefined {
  return (
    runOf(places, (place) => place.trouble?.isFatal === true) ??
    runOf(places, (place) => place.trouble !== undefined)
  )
}

function runOf(places: readonly Place[], isIn: (place: Place) => boolean): TroubledRun | undefined {
  const first = places.findIndex(isIn)
  if (first === -1) return undefined
  const after = places.findIndex((place, index) => index > first && !isIn(place))
  const run = places.slice(first, after === -1 ? places.length : after)
  const error = run[0]?.trouble?.error
  const range = rangeOf(run)
  if (error === undefined || range === undefined) return undefined
  return {
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
