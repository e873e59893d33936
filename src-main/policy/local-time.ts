import { minutesPerDay, minutesPerWeek } from '#contract/week-times.ts'

const minuteMs = 60_000
const dayMs = minutesPerDay * minuteMs
/** Zones change their offset at full quarters of an hour only. */
const quarterMs = 15 * minuteMs
/** Quarters remembered: those of a fortnight. */
const maxOffsets = 1344

const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, Map<number, number>>()

/** What a zone's clocks show beyond UTC at a moment, milliseconds. Throws `RangeError` for a zone that does not exist. */
export function offsetAt(epoch: number, timeZone: string): number {
  const ofZone = offsets.get(timeZone) ?? new Map<number, number>()
  offsets.set(timeZone, ofZone)
  const quarter = Math.floor(epoch / quarterMs)
  const known = ofZone.get(quarter)
  if (known !== undefined) return known
  if (ofZone.size >= maxOffsets) ofZone.clear()
  const offset = readOffset(quarter * quarterMs, timeZone)
  ofZone.set(quarter, offset)
  return offset
}

function readOffset(epoch: number, timeZone: string): number {
  const format = formats.get(timeZone) ?? clockFormat(timeZone)
  formats.set(timeZone, format)
  const parts = new Map(format.formatToParts(epoch).map(({ type, value }) => [type, Number(value)]))
  const of = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'))
  return local - epoch
}

function clockFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric'
  })
}

/** Minutes since Monday's midnight on the zone's clocks. */
export function minuteOfWeek(epoch: number, timeZone: string): number {
  const minutes = Math.floor((epoch + offsetAt(epoch, timeZone)) / minuteMs)
  // The first of January 1970 was a Thursday.
  return (((minutes + 3 * minutesPerDay) % minutesPerWeek) + minutesPerWeek) % minutesPerWeek
}

/**
 * When the clocks show a local time, given as if it were UTC: the first of the two, where they show it twice; as long after the
 * clocks were changed as it lies in the skipped time, where they never do.
 */
function epochOf(local: number, timeZone: string): number {
  const moments = candidates(local, timeZone)
  return moments.find((epoch) => epoch + offsetAt(epoch, timeZone) === local) ?? moments[0]
}

/** The moments that may show a local time: by the offset of the day before, and of the day after. */
export function candidates(local: number, timeZone: string): readonly [number, number] {
  return [local - offsetAt(local - dayMs, timeZone), local - offsetAt(local + dayMs, timeZone)]
}

/** Midnight that begins the next day. */
export function nextMidnight(epoch: number, timeZone: string): number {
  const local = epoch + offsetAt(epoch, timeZone)
  return epochOf((Math.floor(local / dayMs) + 1) * dayMs, timeZone)
}

/** The present month, when months begin on `startDay` (1 to 28): from its first moment to that of the next one. */
export function monthAround(
  epoch: number,
  timeZone: string,
  startDay: number
): { readonly start: number; readonly end: number } {
  const local = new Date(epoch + offsetAt(epoch, timeZone))
  const back = local.getUTCDate() < startDay ? 1 : 0
  const firstOf = (months: number): number =>
    epochOf(
      Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - back + months, startDay),
      timeZone
    )
  return { start: firstOf(0), end: firstOf(1) }
}
