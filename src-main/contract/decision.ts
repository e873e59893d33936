import type { LendingState, ReasonName } from './reasons.ts'

/** What the sentence of a reason tells beside the reason itself. */
export interface ReasonFacts {
  /** When it ends: milliseconds since 1970, or when the person says so. */
  readonly end?: number | 'by-hand'
  /** How long things must be well before it ends. */
  readonly holdMs?: number
  readonly idleMinutes?: number
  /** Answers at work. */
  readonly answers?: number
  readonly device?: string
  readonly celsius?: number
  readonly program?: string
  readonly percent?: number
  readonly memory?: string
  readonly gigabytes?: number
  readonly price?: number
  readonly ceiling?: number
  readonly sensor?: string
}

/** What one activity does, and the one reason why. */
export interface Verdict {
  readonly state: LendingState
  readonly reason: ReasonName
  readonly facts: ReasonFacts
  /** Other reasons that would hold it up if this one ended, strongest first. */
  readonly others: readonly ReasonName[]
}

/** What may be used for others now. */
interface Limits {
  readonly compute: ComputeLimits
  readonly transfer: TransferLimits
}

export interface ComputeLimits {
  /** `finish`: what is at work may end, and nothing new begins. */
  readonly work: 'yes' | 'finish' | 'no'
  /** Whether weights may stay in memory while nothing is computed. */
  readonly keepsMemory: boolean
  /** Most of the time that may be spent computing, 0 to 1. */
  readonly share: number
  /** What makes it less than 1. */
  readonly shareBy: LimiterName | undefined
  /** 0: as many as suit the model. */
  readonly threads: number
  readonly gpuCelsius: number
  readonly cpuCelsius: number
  /** `Infinity`: no ceiling. */
  readonly gpuWatts: number
  /** Bytes that weights and caches may take; `undefined` where it is not known. Of each GPU by its id, and of the computer's memory. */
  readonly gpuMemoryBytes: ReadonlyMap<string, number>
  readonly memoryBytes: number | undefined
}

/** What may hold computing below full speed while it goes on. */
export const limiters = {
  'compute-percent': 'your setting "computePercent"',
  'in-use': 'your use of this computer',
  'unknown-temperature': 'a temperature that is not known',
  'warm-system': 'the warmth of this computer',
  'gpu-temperature': 'the temperature of the graphics card',
  'cpu-temperature': 'the temperature of the processor',
  'gpu-power': 'the power ceiling of the graphics card'
} as const
export type LimiterName = keyof typeof limiters

export interface TransferLimits {
  readonly isAllowed: boolean
  /** `Infinity`: no limit. */
  readonly uploadBytesPerSecond: number
  readonly downloadBytesPerSecond: number
  /** Of this month's cap, both ways together. `Infinity`: no cap. */
  readonly bytesLeft: number
}

/** What this computer may do for others now. Its own state and reason are those of computing. */
export interface Decision extends Verdict {
  /** For models that are shared with peers. */
  readonly transfer: Verdict
  readonly limits: Limits
}
