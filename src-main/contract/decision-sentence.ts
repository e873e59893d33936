import type { ReasonFacts, Verdict } from './decision.ts'
import { reasons } from './reasons.ts'

/** How times are told to the person: their own clock and language. */
export interface SentenceStyle {
  /** Milliseconds since 1970. */
  readonly now: number
  /** An IANA name, such as `Europe/Berlin`; the computer's own when absent. */
  readonly timeZone?: string
}

/** The one line that every surface shows: what is so, why, what ends it, and what else would hold it up. */
export function decisionSentence(verdict: Verdict, style: SentenceStyle): string {
  const { sentence, until } = reasons[verdict.reason]
  const text = fill(`${sentence} ${until}`, verdict.facts, style)
  const [first, ...rest] = verdict.others
  if (first === undefined) return text
  const more = rest.length === 0 ? '' : `, and ${rest.length} more`
  return `${text} Also: ${reasons[first].short}${more}.`
}

function fill(template: string, facts: ReasonFacts, style: SentenceStyle): string {
  const values = { ...facts, ...spoken(facts, style) }
  return template.replaceAll(/\{(\w+)\}/g, (_match, name: string) => {
    const value: unknown = Object.entries(values).find(([key]) => key === name)?.[1]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '…'
  })
}

function spoken(facts: ReasonFacts, style: SentenceStyle): Readonly<Record<string, string>> {
  const { end, holdMs, idleMinutes, answers } = facts
  return {
    ...(end === undefined ? {} : { end: spokenEnd(end, style) }),
    ...(holdMs === undefined ? {} : { hold: spokenDuration(holdMs) }),
    ...(idleMinutes === undefined ? {} : { idle: spokenDuration(idleMinutes * 60_000) }),
    ...(answers === undefined ? {} : { answers: answers === 1 ? '1 answer' : `${answers} answers` })
  }
}

function spokenEnd(end: number | 'by-hand', { now, timeZone }: SentenceStyle): string {
  if (end === 'by-hand') return 'when you say so'
  const zone = timeZone === undefined ? {} : { timeZone }
  const clock = { ...zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  const day = (time: number): string => new Intl.DateTimeFormat('en-GB', zone).format(time)
  const time = new Intl.DateTimeFormat('en-GB', clock).format(end)
  if (day(end) === day(now)) return `at ${time}`
  const isThisWeek = end - now < 6 * 24 * 3_600_000
  const date = isThisWeek
    ? { ...zone, weekday: 'long' as const }
    : { ...zone, day: 'numeric' as const, month: 'long' as const }
  return `on ${new Intl.DateTimeFormat('en-GB', date).format(end)} at ${time}`
}

/** `90000` is "90 s", `300000` is "5 min". */
function spokenDuration(millis: number): string {
  const seconds = Math.round(millis / 1000)
  if (seconds < 120 && seconds % 60 !== 0) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes % 60 === 0 && minutes > 0 ? `${minutes / 60} h` : `${minutes} min`
}
