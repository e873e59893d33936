import { decisionSentence } from '#contract/decision-sentence.ts'
import { SkeinError } from '#contract/errors.ts'
import type { SettingName } from '#contract/settings.ts'
import { nextMidnight } from '#policy/local-time.ts'
import type { CommandIo } from './command-io.ts'
import { writeSetting } from './stored-settings.ts'

const hourMs = 3_600_000

/** When a pause ends, as `pauseUntil` takes it: `1h`, `90min`, `tomorrow`, `by-hand`. Throws `invalid-input`. */
export function pauseEnd(length: string, now: number, timeZone: string): string {
  if (length === 'by-hand') return 'by-hand'
  if (length === 'tomorrow') return new Date(nextMidnight(now, timeZone)).toISOString()
  const [, amount, unit] = /^(\d{1,4})(h|min)$/.exec(length) ?? []
  if (amount === undefined) {
    throw new SkeinError('invalid-input', `${length} is none of 1h, 90min, tomorrow, by-hand`)
  }
  const millis = Number(amount) * (unit === 'h' ? hourMs : 60_000)
  return new Date(now + millis).toISOString()
}

/** Lends nothing for a while; with `afterAnswers`, once the answers at work have ended. */
export async function runPause(
  io: CommandIo,
  length: string,
  afterAnswers: boolean
): Promise<void> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const now = Date.now()
  const pauseUntil = pauseEnd(length, now, timeZone)
  await writeAll(io, [
    ['pauseAfterAnswers', afterAnswers],
    ['pauseUntil', pauseUntil],
    ['lendUntil', '']
  ])
  const end = pauseUntil === 'by-hand' ? pauseUntil : Date.parse(pauseUntil)
  const paused = {
    state: 'paused',
    reason: 'paused-by-person',
    facts: { end },
    others: []
  } as const
  io.print(decisionSentence(paused, { now }), { pauseUntil })
}

/** Ends a pause. With a length, lends for so long whether or not somebody uses the computer. */
export async function runResume(io: CommandIo, length: string | undefined): Promise<void> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const lendUntil = length === undefined ? '' : pauseEnd(length, Date.now(), timeZone)
  if (lendUntil === 'by-hand') throw new SkeinError('invalid-input', 'lending by hand has an end')
  await writeAll(io, [
    ['pauseUntil', ''],
    ['pauseAfterAnswers', false],
    ['lendUntil', lendUntil]
  ])
  io.print('The pause is over.', { pauseUntil: '', lendUntil })
}

async function writeAll(
  io: CommandIo,
  values: readonly (readonly [SettingName, boolean | string])[]
): Promise<void> {
  for (const [name, value] of values) await writeSetting(io, name, value)
}
