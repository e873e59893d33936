import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Settings } from '#contract/settings.ts'
import type { Signals } from '#contract/signals.ts'
import { costOf, drawOf } from '#host/governor/energy.ts'
import { MonthLedger, type MonthTotals } from '#host/governor/month-ledger.ts'
import { TrafficMeter } from '#host/governor/traffic-meter.ts'
import { electricityPrice } from '#policy/electricity.ts'
import { monthAround } from '#policy/local-time.ts'
import { writeFileWhole } from '#settings/write-file.ts'

const saveEveryMs = 60_000
/** After a longer pause, as in sleep, nothing was drawn. */
const longestStepMs = 10_000

/** What lending takes of money and bytes, month by month. */
export class GuestAccount {
  readonly traffic = new TrafficMeter()
  readonly #settings: () => Settings
  readonly #ledger: MonthLedger
  #countedAt = performance.now()
  #savedAt = performance.now()

  constructor(file: string, settings: () => Settings) {
    this.#settings = settings
    const read = (): string | undefined =>
      existsSync(file) ? readFileSync(file, 'utf8') : undefined
    const write = (text: string): void => writeFileWhole(file, text)
    this.#ledger = new MonthLedger({ read, write }, this.#monthStart())
  }

  totals(): MonthTotals {
    return this.#ledger.at(this.#monthStart())
  }

  /** Counts what was taken since the last call. `duty`: share of the time spent computing for others, 0 to 1. Throws what writing throws. */
  count(signals: Signals, duty: number): void {
    const now = performance.now()
    const millis = Math.min(longestStepMs, now - this.#countedAt)
    this.#countedAt = now
    this.#ledger.at(this.#monthStart())
    const transferredBytes = this.traffic.take()
    if (duty === 0) this.#ledger.add({ transferredBytes })
    else {
      const { watts, isEstimate } = drawOf(signals, duty, this.#threads())
      const joules = (watts * millis) / 1000
      const cost = costOf(joules, this.#price())
      this.#ledger.add({ transferredBytes, joules, cost, isEstimate })
    }
    if (now - this.#savedAt < saveEveryMs) return
    this.#savedAt = now
    this.#ledger.save()
  }

  close(): void {
    this.#ledger.add({ transferredBytes: this.traffic.take() })
    this.#ledger.save()
  }

  #threads(): number {
    const { threads } = this.#settings()
    return threads === 0 ? availableParallelism() : threads
  }

  #price(): number {
    const now = { wall: Date.now(), monotonic: 0, timeZone: timeZone() }
    return electricityPrice(this.#settings().electricityTariff, now) ?? 0
  }

  #monthStart(): number {
    return monthAround(Date.now(), timeZone(), this.#settings().monthStartsOn).start
  }
}

function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
