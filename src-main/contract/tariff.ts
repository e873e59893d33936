import { parseWeekTime, type WeekSpan } from './week-times.ts'

/**
 * What a kWh costs, as a person writes it: `0.30`, or a price by time of use such as `0.30; mon-fri 17:00-21:00 0.45; sat,sun 0.25`. The
 * price without times holds where no other does; of two that overlap, the later one.
 */
export interface Tariff {
  readonly price: number
  readonly exceptions: readonly { readonly spans: readonly WeekSpan[]; readonly price: number }[]
}

/** `undefined` when the text is not understood. An empty text is no tariff: see the setting. */
export function parseTariff(text: string): Tariff | undefined {
  const [first = '', ...rest] = text.toLowerCase().split(';')
  const price = parsePrice(first.trim())
  const exceptions = rest.map(parseException)
  if (price === undefined || !exceptions.every((it) => it !== undefined)) return undefined
  return { price, exceptions }
}

function parseException(text: string): Tariff['exceptions'][number] | undefined {
  const words = text.trim().split(/\s+/)
  const price = parsePrice(words.at(-1) ?? '')
  const spans = parseWeekTime(words.slice(0, -1).join(' '))
  return price === undefined || spans === undefined ? undefined : { spans, price }
}

/** At most 1000, which leaves room for any currency; less than 0 when there is too much wind. */
function parsePrice(text: string): number | undefined {
  const price = Number(text)
  return /^-?\d+(\.\d+)?$/.test(text) && Math.abs(price) <= 1000 ? price : undefined
}
