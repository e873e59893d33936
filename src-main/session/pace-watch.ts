import type { StepResult } from '#contract/stage.ts'
import type { Place } from './place.ts'

/** Steps whose median tells how fast a place was when it joined, and how fast it is now. */
const firstSteps = 8
const lastSteps = 4
/** A place is slow that costs so many times as much as it did, and so much more, in milliseconds: what a person notices. */
const slowFactor = 4
const slowMillis = 40

/** A place that became slow. */
export interface SlowPlace {
  readonly place: Place
  /** What one step costs there more than it did, in milliseconds: computing, waiting, and its links. */
  readonly excessMillis: number
}

interface Pace {
  readonly first: number[]
  last: number[]
}

/**
 * Watches what single tokens cost at each place of a chain. A place's links count with its computing, all that are known of: the one it
 * receives on, the one it sends on, and the coordinator's own. So of two places with a slow link between them, the one with more slow
 * links stands out, and where there is no other, the later one.
 */
export class PaceWatch {
  readonly #paces = new WeakMap<Place, Pace>()

  /** A step of one row came back. The place that is slower than it was by the most, if any is. */
  add(places: readonly Place[], { timings }: StepResult): SlowPlace | undefined {
    if (timings.length !== places.length) return undefined
    let slowest: SlowPlace | undefined
    let most = 0
    for (const [index, place] of places.entries()) {
      const excess = this.#record(place, costOf(places, timings, index))
      if (excess < Math.max(most, slowMillis)) continue
      most = excess
      slowest = { place, excessMillis: excess }
    }
    return slowest
  }

  /** Milliseconds over what the place cost at first; 0 while that is not much. */
  #record(place: Place, costMillis: number): number {
    const pace = this.#paces.get(place) ?? { first: [], last: [] }
    this.#paces.set(place, pace)
    if (pace.first.length < firstSteps) {
      pace.first.push(costMillis)
      return 0
    }
    pace.last = [...pace.last, costMillis].slice(-lastSteps)
    if (pace.last.length < lastSteps) return 0
    const before = median(pace.first)
    const now = median(pace.last)
    return now >= slowFactor * before ? now - before : 0
  }
}

function costOf(places: readonly Place[], timings: StepResult['timings'], index: number): number {
  const own = timings[index]
  const direct = places[index]?.link.roundTripMillis ?? 0
  const received = index === 0 ? direct : (timings[index - 1]?.linkMicros ?? 0) / 1000
  const sent = index === places.length - 1 ? direct : (own?.linkMicros ?? 0) / 1000
  const spent = ((own?.computeMicros ?? 0) + (own?.waitMicros ?? 0)) / 1000
  return spent + received + sent + direct
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
