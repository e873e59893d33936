import type { ReasonFacts } from '#contract/decision.ts'
import type { Settings } from '#contract/settings.ts'
import { signalNouns, type UnavailableReason } from '#contract/signals.ts'
import type { Known, Now, Rule } from '../known.ts'
import { isOpen } from '../schedule.ts'

/** Input after which a locked screen counts as left: whoever locks it goes away, and a mouse may still be nudged. */
const lockedIdleMs = 30_000

const person = { ending: 'now', frees: true, afterMs: 0, holdMs: 0, isNoisy: false } as const
const both = ['compute', 'transfer'] as const

/** What the person said, and whether they are there. */
export const personRules: readonly Rule[] = [
  {
    ...person,
    reason: 'not-agreed',
    stops: ['compute'],
    test: ({ settings }) => (settings.lending ? undefined : {})
  },
  {
    ...person,
    reason: 'not-agreed',
    stops: ['transfer'],
    test: ({ settings }) => (settings.seeding ? undefined : {})
  },
  {
    ...person,
    reason: 'paused-by-person',
    stops: both,
    test: (known, now) => (isFinishing(known) ? undefined : pause(known.settings, now))
  },
  {
    ...person,
    reason: 'finishing',
    stops: both,
    ending: 'finish',
    frees: false,
    test: (known, now) => {
      const isPaused = pause(known.settings, now) !== undefined
      return isPaused && isFinishing(known) ? { answers: known.own.answers } : undefined
    }
  },
  {
    ...person,
    reason: 'in-use',
    stops: ['compute'],
    test: (known, now) => {
      const { whenInUse, idleMinutes } = known.settings
      const mayLend = whenInUse === 'throttle' || isByHand(known.settings, now)
      return !mayLend && isInUse(known) ? { idleMinutes } : undefined
    }
  },
  {
    ...person,
    reason: 'idle-unknown',
    stops: ['compute'],
    test: (known, now) => (missingIdle(known, now) === 'unsupported' ? {} : undefined)
  },
  {
    ...person,
    reason: 'sensor-unknown',
    stops: ['compute'],
    test: (known, now) => {
      const why = missingIdle(known, now)
      return why === undefined || why === 'unsupported' ? undefined : { sensor: signalNouns.idle }
    }
  }
]

/** Whether the person is at the computer, as far as is known; `false` where it is not. */
export function isInUse({ signals: { idle, locked }, settings }: Known): boolean {
  if (idle.kind === 'unavailable') return false
  const isLocked = locked.kind === 'value' && locked.value
  return idle.value < (isLocked ? lockedIdleMs : settings.idleMinutes * 60_000)
}

/** Why it is not known whether the person is there, where that matters. */
function missingIdle(known: Known, now: Now): UnavailableReason | undefined {
  const { idle, locked } = known.signals
  const { whenInUse, computeSchedule } = known.settings
  if (idle.kind === 'value' || (locked.kind === 'value' && locked.value)) return undefined
  // Hours that the person gave away are theirs to give, and who throttles while in use throttles when nothing is known.
  const isGiven = computeSchedule !== 'always' && isOpen(computeSchedule, now)
  const mayLend = isGiven || isByHand(known.settings, now) || whenInUse === 'throttle'
  return mayLend ? undefined : idle.reason
}

/** Whether the person said: now, whatever I do. */
export function isByHand({ lendUntil }: Settings, { wall }: Now): boolean {
  return lendUntil !== '' && Date.parse(lendUntil) > wall
}

function pause({ pauseUntil }: Settings, { wall }: Now): ReasonFacts | undefined {
  if (pauseUntil === 'by-hand') return { end: 'by-hand' }
  const end = Date.parse(pauseUntil)
  return end > wall ? { end } : undefined
}

function isFinishing({ settings, own }: Known): boolean {
  return settings.pauseAfterAnswers && own.answers > 0
}
