import type { ReasonFacts } from '#contract/decision.ts'
import type { ReasonName } from '#contract/reasons.ts'
import type { Settings } from '#contract/settings.ts'
import type { Signals } from '#contract/signals.ts'

/** What Skein knows of itself. */
export interface OwnUse {
  /** Answers of others that this computer works on. */
  readonly answers: number
  /** Bytes sent and received this month, and what computing has cost, since `monthAround` began. */
  readonly transferredBytes: number
  readonly cost: number
  /** Of weights and caches, in the computer's memory and on GPUs by their id. */
  readonly memoryBytes: number
  readonly gpuMemoryBytes: ReadonlyMap<string, number>
}

/** Everything that a decision rests on. */
export interface Known {
  readonly signals: Signals
  readonly settings: Settings
  readonly own: OwnUse
}

/** Two clocks: one for the calendar, which people and servers set, and one for durations, which nobody does. */
export interface Now {
  /** Milliseconds since 1970. */
  readonly wall: number
  /** Milliseconds, monotonic. */
  readonly monotonic: number
  /** An IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string
}

export type Activity = 'compute' | 'transfer'

/** One condition that stops something. */
export interface Rule {
  readonly reason: ReasonName
  readonly stops: readonly Activity[]
  /** `finish`: answers at work may end, because nobody is hurt by a few more seconds. */
  readonly ending: 'now' | 'finish'
  /** Whether weights have to leave the memory: who needs this computer needs all of it. */
  readonly frees: boolean
  /** How long it must be so before it counts, and how long not before it counts no more. */
  readonly afterMs: number
  readonly holdMs: number
  /** Whether it may come and go by itself: then starting again is rationed. A person never waits for what they did themselves. */
  readonly isNoisy: boolean
  /**
   * The facts of its sentence where it is so, else `undefined`. `held`: those with which it has counted until now; what ends it may lie
   * beyond what began it.
   */
  readonly test: (known: Known, now: Now, held: ReasonFacts | undefined) => ReasonFacts | undefined
}
