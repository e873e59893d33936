import { parseWeekTimes, type WeekSpan } from '#contract/week-times.ts'
import type { Now } from './known.ts'
import { minuteOfWeek } from './local-time.ts'
import { isWithin, nextChange } from './week-clock.ts'

/** Settings change rarely and are asked every second: the last few are kept parsed. */
const parsed = new Map<string, readonly WeekSpan[]>()

function spansOf(schedule: string): readonly WeekSpan[] {
  const known = parsed.get(schedule)
  if (known !== undefined) return known
  if (parsed.size >= 16) parsed.clear()
  // The settings' schema lets no other text pass; never is the safe meaning of one.
  const spans = parseWeekTimes(schedule) ?? []
  parsed.set(schedule, spans)
  return spans
}

/** Whether a schedule, such as `mon-fri 22:00-07:00`, says now. */
export function isOpen(schedule: string, { wall, timeZone }: Now): boolean {
  return schedule === 'always' || isWithin(spansOf(schedule), minuteOfWeek(wall, timeZone))
}

/** When it says otherwise next: milliseconds since 1970, or `undefined` where it never does. */
export function scheduleChange(schedule: string, { wall, timeZone }: Now): number | undefined {
  const spans = spansOf(schedule)
  return nextChange(wall, timeZone, spans, (minute) => isWithin(spans, minute))
}
