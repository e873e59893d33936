import type { Decision, ReasonFacts, Verdict } from '#contract/decision.ts'
import { reasons, type ReasonName } from '#contract/reasons.ts'
import type { Activity, Known, Now, Rule } from './known.ts'
import { computeLimits, isThrottledByUse, transferLimits } from './limits.ts'
import { initialState, nextRuleState, type PolicyState } from './policy-state.ts'
import { byPriority } from './priority.ts'
import { afterDecision, mayResumeAt } from './ration.ts'
import { rules } from './rules.ts'

export interface Decided {
  readonly decision: Decision
  /** For the next call. */
  readonly state: PolicyState
}

/** Before the first decision. */
export const firstState: PolicyState = initialState(rules)

/** A rule that counts now, with the facts of its sentence. */
interface Held {
  readonly rule: Rule
  readonly facts: ReasonFacts
}

/**
 * What this computer may do for others now, and why. Pure: no clock, no input or output, and all that it remembers is `previous`. To be
 * called every second or so, and at once when something that it rests on changes.
 */
export function decide(previous: PolicyState, known: Known, now: Now): Decided {
  const ruleStates = rules.map((rule, index) =>
    nextRuleState(
      rule,
      previous.rules[index] ?? { held: undefined, otherwiseSince: undefined },
      known,
      now
    )
  )
  const held = rules.flatMap((rule, index): Held[] => {
    const facts = ruleStates[index]?.held
    return facts === undefined ? [] : [{ rule, facts }]
  })
  const computing = stopsOf('compute', held)
  const transferring = stopsOf('transfer', held)
  const resumeAt = mayResumeAt(previous)
  const isSettling = computing.length === 0 && !previous.isLending && resumeAt > now.monotonic
  const isLending = computing.length === 0 && !isSettling
  const verdict = isSettling
    ? verdictOf('settling', { end: now.wall + resumeAt - now.monotonic })
    : (verdictOfStops(computing) ?? lendingVerdict(known, now))
  const memory = afterDecision(
    previous,
    { isLending, isNoisy: computing[0]?.rule.isNoisy === true },
    now
  )
  const decision: Decision = {
    ...verdict,
    transfer: verdictOfStops(transferring) ?? verdictOf('lending', {}),
    limits: {
      compute: computeLimits(known, now, {
        work: isLending ? 'yes' : workDuring(computing),
        keepsMemory: computing.every(({ rule }) => !rule.frees)
      }),
      transfer: transferLimits(known, transferring.length === 0)
    }
  }
  return { decision, state: { rules: ruleStates, ...memory } }
}

function stopsOf(activity: Activity, held: readonly Held[]): readonly Held[] {
  return held
    .filter(({ rule }) => rule.stops.includes(activity))
    .toSorted((a, b) => byPriority(a.rule.reason, b.rule.reason))
}

/** Answers at work may end only if nothing that stops lending minds. */
function workDuring(stops: readonly Held[]): 'finish' | 'no' {
  return stops.length > 0 && stops.every(({ rule }) => rule.ending === 'finish') ? 'finish' : 'no'
}

function verdictOfStops(stops: readonly Held[]): Verdict | undefined {
  const [first, ...rest] = stops
  if (first === undefined) return undefined
  const { rule, facts } = first
  const others = rest.map((other) => other.rule.reason).filter((reason) => reason !== rule.reason)
  return verdictOf(rule.reason, { ...facts, holdMs: rule.holdMs }, [...new Set(others)])
}

function lendingVerdict(known: Known, now: Now): Verdict {
  if (!isThrottledByUse(known, now)) return verdictOf('lending', {})
  const { inUsePercent: percent, idleMinutes } = known.settings
  return verdictOf('lending-in-use', { percent, idleMinutes })
}

function verdictOf(
  reason: ReasonName,
  facts: ReasonFacts,
  others: readonly ReasonName[] = []
): Verdict {
  return { state: reasons[reason].state, reason, facts, others }
}
