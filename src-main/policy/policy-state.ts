import type { ReasonFacts } from '#contract/decision.ts'
import type { Known, Now, Rule } from './known.ts'

/** What a rule remembers. */
export interface RuleState {
  /** The facts with which it counts now. */
  readonly held: ReasonFacts | undefined
  /** Since when it has been otherwise: milliseconds, monotonic. */
  readonly otherwiseSince: number | undefined
}

/** What the policy remembers from one decision to the next: all that keeps it from going back and forth. Plain values. */
export interface PolicyState {
  /** One for each of the rules, in their order. */
  readonly rules: readonly RuleState[]
  readonly isLending: boolean
  /** Whether what stopped lending last may come and go by itself. */
  readonly stoppedByNoise: boolean
  /** When lending stopped or resumed for such reasons within the last hour: milliseconds, monotonic. */
  readonly noisyChanges: readonly number[]
}

const atRest: RuleState = { held: undefined, otherwiseSince: undefined }

export function initialState(rules: readonly Rule[]): PolicyState {
  return {
    rules: rules.map(() => atRest),
    isLending: false,
    stoppedByNoise: false,
    noisyChanges: []
  }
}

/** A rule counts once it has been so for `afterMs`, and until it has not been so for `holdMs`. */
export function nextRuleState(rule: Rule, before: RuleState, known: Known, now: Now): RuleState {
  const { held, otherwiseSince } = before
  const facts = rule.test(known, now, held)
  const isSo = facts !== undefined
  const counted = held !== undefined
  if (isSo === counted) return isSo ? { held: facts, otherwiseSince: undefined } : atRest
  const since = Math.min(otherwiseSince ?? now.monotonic, now.monotonic)
  if (now.monotonic - since >= (isSo ? rule.afterMs : rule.holdMs)) {
    return isSo ? { held: facts, otherwiseSince: undefined } : atRest
  }
  return { held, otherwiseSince: since }
}
