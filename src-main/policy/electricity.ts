import { parseTariff, type Tariff } from '#contract/tariff.ts'
import type { Now } from './known.ts'
import { minuteOfWeek } from './local-time.ts'
import { isWithin, nextChange } from './week-clock.ts'

const parsed = new Map<string, Tariff | undefined>()

function tariffOf(text: string): Tariff | undefined {
  if (parsed.has(text)) return parsed.get(text)
  if (parsed.size >= 16) parsed.clear()
  const tariff = parseTariff(text)
  parsed.set(text, tariff)
  return tariff
}

function priceAt({ price, exceptions }: Tariff, minute: number): number {
  return exceptions.findLast(({ spans }) => isWithin(spans, minute))?.price ?? price
}

/** What a kWh costs now, in the money of the tariff; `undefined` where the person gave none. */
export function electricityPrice(text: string, { wall, timeZone }: Now): number | undefined {
  const tariff = tariffOf(text)
  return tariff === undefined ? undefined : priceAt(tariff, minuteOfWeek(wall, timeZone))
}

/** When the price is next at most the ceiling: milliseconds since 1970; `undefined` where it never is. */
export function cheaperFrom(text: string, ceiling: number, now: Now): number | undefined {
  const tariff = tariffOf(text)
  if (tariff === undefined) return undefined
  const spans = tariff.exceptions.flatMap((exception) => exception.spans)
  const isCheap = (minute: number): boolean => priceAt(tariff, minute) <= ceiling
  return nextChange(now.wall, now.timeZone, spans, isCheap)
}
