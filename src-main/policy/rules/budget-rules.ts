import type { Activity, Rule } from '../known.ts'
import { cheaperFrom, electricityPrice } from '../electricity.ts'
import { monthAround } from '../local-time.ts'
import { isOpen, scheduleChange } from '../schedule.ts'
import { isByHand } from './person-rules.ts'

/** Nobody is hurt when an answer ends after the bell. */
const calendar = { ending: 'finish', frees: false, afterMs: 0, holdMs: 0, isNoisy: false } as const
const compute: readonly Activity[] = ['compute']
const transfer: readonly Activity[] = ['transfer']
const both: readonly Activity[] = ['compute', 'transfer']

/** The person's calendar and money, and what bytes cost. */
export const budgetRules: readonly Rule[] = [
  {
    ...calendar,
    reason: 'outside-schedule',
    stops: compute,
    test: ({ settings }, now) =>
      isByHand(settings, now) || isOpen(settings.computeSchedule, now)
        ? undefined
        : { end: scheduleChange(settings.computeSchedule, now) ?? 'by-hand' }
  },
  {
    ...calendar,
    reason: 'outside-schedule',
    stops: transfer,
    test: ({ settings }, now) =>
      isOpen(settings.transferSchedule, now)
        ? undefined
        : { end: scheduleChange(settings.transferSchedule, now) ?? 'by-hand' }
  },
  {
    ...calendar,
    reason: 'price-high',
    stops: compute,
    test: ({ settings }, now) => {
      const { electricityTariff: tariff, electricityPriceCeiling: ceiling } = settings
      const price = ceiling === 0 ? undefined : electricityPrice(tariff, now)
      if (price === undefined || price <= ceiling) return undefined
      return { price, ceiling, end: cheaperFrom(tariff, ceiling, now) ?? 'by-hand' }
    }
  },
  {
    ...calendar,
    reason: 'cost-reached',
    stops: compute,
    test: ({ settings, own }, { wall, timeZone }) => {
      const { electricityCostPerMonth: ceiling, monthStartsOn } = settings
      if (ceiling === 0 || own.cost < ceiling) return undefined
      return { ceiling, end: monthAround(wall, timeZone, monthStartsOn).end }
    }
  },
  {
    ...calendar,
    reason: 'sensor-unknown',
    stops: compute,
    test: ({ settings }) => {
      const { electricityTariff, electricityCostPerMonth, electricityPriceCeiling } = settings
      const isAsked = electricityCostPerMonth > 0 || electricityPriceCeiling > 0
      return isAsked && electricityTariff === ''
        ? { sensor: 'the price of electricity' }
        : undefined
    }
  },
  {
    ...calendar,
    reason: 'transfer-cap',
    stops: both,
    ending: 'now',
    test: ({ settings, own }, { wall, timeZone }) => {
      const { transferGigabytesPerMonth: gigabytes, monthStartsOn } = settings
      if (gigabytes === 0 || own.transferredBytes < gigabytes * 1e9) return undefined
      return { gigabytes, end: monthAround(wall, timeZone, monthStartsOn).end }
    }
  },
  {
    ...calendar,
    reason: 'metered',
    stops: both,
    ending: 'now',
    holdMs: 30_000,
    isNoisy: true,
    test: ({ settings, signals: { metered } }) =>
      settings.onMetered === 'pause' && metered.kind === 'value' && metered.value ? {} : undefined
  },
  {
    ...calendar,
    reason: 'metered-unknown',
    stops: transfer,
    ending: 'now',
    test: ({ settings, signals: { metered } }) =>
      settings.onMetered === 'pause' && metered.kind === 'unavailable' ? {} : undefined
  }
]
