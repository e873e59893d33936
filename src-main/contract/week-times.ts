/**
 * Times of the week as a person writes them: `mon-fri 22:00-07:00; sat,sun`. Hours that end before they begin reach into the next day; days
 * without hours are whole, hours without days hold every day. `always` and `never` stand for themselves. All are local time.
 */
export interface WeekSpan {
  /** 0 is Monday. */
  readonly day: number
  /** Minutes since that day's midnight; `end` may lie on the next day, up to 2880. */
  readonly start: number
  readonly end: number
}

export const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export const minutesPerDay = 24 * 60
export const minutesPerWeek = 7 * minutesPerDay

/** `undefined` when the text is not understood. */
export function parseWeekTimes(text: string): readonly WeekSpan[] | undefined {
  const trimmed = text.trim().toLowerCase()
  if (trimmed === 'always') return everyDay.map((day) => ({ day, start: 0, end: minutesPerDay }))
  if (trimmed === 'never') return []
  const parts = trimmed.split(';').map(parseWeekTime)
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined
}

/** One part: days, hours, or both. */
export function parseWeekTime(text: string): readonly WeekSpan[] | undefined {
  const words = text.trim().split(/\s+/)
  if (words.length > 2) return undefined
  const [first = '', second] = words
  const days = parseDays(first) ?? (second === undefined ? everyDay : undefined)
  const isDaysOnly = second === undefined && parseDays(first) !== undefined
  const hours = isDaysOnly ? wholeDay : parseHours(second ?? first)
  if (days === undefined || hours === undefined) return undefined
  return days.map((day) => ({ day, ...hours }))
}

const everyDay: readonly number[] = [0, 1, 2, 3, 4, 5, 6]
const wholeDay = { start: 0, end: minutesPerDay }

/** `mon`, `mon-fri`, `sat,sun`, `fri-mon`. */
function parseDays(text: string): readonly number[] | undefined {
  const days: number[] = []
  for (const part of text.split(',')) {
    const [first, last, more] = part
      .split('-')
      .map((name) => everyDay.find((day) => dayNames[day] === name))
    const isRange = part.includes('-')
    if (first === undefined || more !== undefined || (isRange && last === undefined))
      return undefined
    const length = ((last ?? first) - first + 7) % 7
    for (let step = 0; step <= length; step++) days.push((first + step) % 7)
  }
  return [...new Set(days)]
}

/** `22:00-07:00`, `9-17`. Equal ends are a whole day. */
function parseHours(text: string): { readonly start: number; readonly end: number } | undefined {
  const match = /^(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?$/.exec(text)
  if (match === null) return undefined
  const [, startHour, startMinute = '0', endHour, endMinute = '0'] = match
  const start = minutesOf(Number(startHour), Number(startMinute))
  const end = minutesOf(Number(endHour), Number(endMinute))
  if (start === undefined || end === undefined || start === minutesPerDay) return undefined
  return { start, end: end > start ? end : end + minutesPerDay }
}

function minutesOf(hour: number, minute: number): number | undefined {
  const minutes = hour * 60 + minute
  return minute < 60 && minutes <= minutesPerDay ? minutes : undefined
}
