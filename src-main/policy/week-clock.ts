import { minutesPerDay, minutesPerWeek, type WeekSpan } from '#contract/week-times.ts'
import { candidates, minuteOfWeek, offsetAt } from './local-time.ts'

const minuteMs = 60_000
const dayMs = minutesPerDay * minuteMs

/** Whether a minute of the week lies in one of the spans. */
export function isWithin(spans: readonly WeekSpan[], minute: number): boolean {
  return spans.some(({ day, start, end }) => {
    const first = day * minutesPerDay + start
    const last = day * minutesPerDay + end
    const isBetween = (each: number): boolean => each >= first && each < last
    return isBetween(minute) || isBetween(minute + minutesPerWeek)
  })
}

/**
 * When `isSo`, a question about the minute of the week, next has another answer: within eight days, or `undefined`. `spans` are the times
 * at which it may change; that clocks are changed is seen to here.
 */
export function nextChange(
  epoch: number,
  timeZone: string,
  spans: readonly WeekSpan[],
  isSo: (minuteOfWeek: number) => boolean
): number | undefined {
  const isSoAt = (moment: number): boolean => isSo(minuteOfWeek(moment, timeZone))
  const present = isSoAt(epoch)
  return momentsAfter(epoch, timeZone, spans).find((moment) => isSoAt(moment) !== present)
}

/** The spans' ends and the changes of clocks in the next eight days, in order. */
function momentsAfter(epoch: number, timeZone: string, spans: readonly WeekSpan[]): number[] {
  const minutes = new Set(spans.flatMap(({ start, end }) => [start, end % minutesPerDay]))
  const today = Math.floor((epoch + offsetAt(epoch, timeZone)) / dayMs)
  const moments: number[] = []
  for (let day = today; day <= today + 8; day++) {
    for (const minute of minutes) {
      moments.push(...candidates(day * dayMs + minute * minuteMs, timeZone))
    }
    moments.push(...changeOfClocks((day - 1) * dayMs, day * dayMs, timeZone))
  }
  return moments.filter((moment) => moment > epoch).toSorted((a, b) => a - b)
}

/** The moment between two at which the zone's offset changes, if it does. */
function changeOfClocks(from: number, to: number, timeZone: string): readonly number[] {
  const before = offsetAt(from, timeZone)
  if (before === offsetAt(to, timeZone)) return []
  let [low, high] = [from, to]
  while (high - low > minuteMs) {
    const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs
    if (offsetAt(middle, timeZone) === before) low = middle
    else high = middle
  }
  return [high]
}
