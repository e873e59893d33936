import { z } from 'zod'

const totalsSchema = z.object({
  /** When the month began: milliseconds since 1970. */
  start: z.int(),
  transferredBytes: z.number().nonnegative(),
  joules: z.number().nonnegative(),
  /** Whether any of the joules were estimated. */
  isEstimate: z.boolean(),
  /** In the money of the person's tariff. */
  cost: z.number().nonnegative()
})
export type MonthTotals = Readonly<z.infer<typeof totalsSchema>>

const ledgerSchema = totalsSchema.extend({ version: z.literal(1) })

/** Where the ledger is kept between two starts. */
export interface LedgerFile {
  /** `undefined` when there is none, or none that can be read. */
  read(): string | undefined
  /** Replaces it whole or not at all. */
  write(text: string): void
}

/** What lending took this month. Kept over restarts; a clock that is set back never gives anything back. */
export class MonthLedger {
  readonly #file: LedgerFile
  #totals: MonthTotals
  #isDirty = false

  /** `start`: when the present month began. */
  constructor(file: LedgerFile, start: number) {
    this.#file = file
    this.#totals = parse(file.read()) ?? emptySince(start)
  }

  /** Begins anew when a later month has begun. */
  at(start: number): MonthTotals {
    // A clock that was set ahead by mistake, and is right again, must not hold the ledger in a month to come for ever.
    const isAhead = this.#totals.start - start > longestMonth
    if (start > this.#totals.start || isAhead) {
      this.#totals = isAhead ? { ...this.#totals, start } : emptySince(start)
      this.#isDirty = true
    }
    return this.#totals
  }

  add(
    more: Partial<Pick<MonthTotals, 'transferredBytes' | 'joules' | 'cost' | 'isEstimate'>>
  ): void {
    const { transferredBytes = 0, joules = 0, cost = 0, isEstimate = false } = more
    if (transferredBytes === 0 && joules === 0) return
    const totals = this.#totals
    this.#totals = {
      start: totals.start,
      transferredBytes: totals.transferredBytes + transferredBytes,
      joules: totals.joules + joules,
      cost: Math.max(0, totals.cost + cost),
      isEstimate: totals.isEstimate || isEstimate
    }
    this.#isDirty = true
  }

  /** Throws what writing throws. */
  save(): void {
    if (!this.#isDirty) return
    this.#file.write(JSON.stringify({ version: 1, ...this.#totals }) + '\n')
    this.#isDirty = false
  }
}

const longestMonth = 31 * 24 * 3_600_000

function emptySince(start: number): MonthTotals {
  return { start, transferredBytes: 0, joules: 0, isEstimate: false, cost: 0 }
}

function parse(text: string | undefined): MonthTotals | undefined {
  if (text === undefined) return undefined
  try {
    return totalsSchema.parse(ledgerSchema.parse(JSON.parse(text)))
  } catch {
    return undefined
  }
}
