import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { MonthlyUsage } from '#contract/weights.ts'
import { writeWhole } from './write-whole.ts'

const ledgerSchema = z.object({
  version: z.literal(1),
  /** `2026-11`, in UTC. */
  month: z.string().regex(/^\d{4}-\d{2}$/),
  uploadedBytes: z.int().nonnegative(),
  downloadedBytes: z.int().nonnegative()
})

/** Bytes of weights exchanged with peers this month, kept over restarts. */
export class UsageLedger {
  readonly #file: string
  readonly #today: () => Date
  #usage: MonthlyUsage
  #isDirty = false

  private constructor(file: string, today: () => Date, usage: MonthlyUsage) {
    this.#file = file
    this.#today = today
    this.#usage = usage
  }

  /** A ledger that is missing or damaged begins at zero. */
  static async open(file: string, today: () => Date = () => new Date()): Promise<UsageLedger> {
    const none = { month: monthOf(today()), uploadedBytes: 0, downloadedBytes: 0 }
    return new UsageLedger(file, today, (await readLedger(file)) ?? none)
  }

  current(): MonthlyUsage {
    const month = monthOf(this.#today())
    if (month !== this.#usage.month) this.#usage = { month, uploadedBytes: 0, downloadedBytes: 0 }
    return this.#usage
  }

  add({ uploaded = 0, downloaded = 0 }: { uploaded?: number; downloaded?: number }): void {
    const { month, uploadedBytes, downloadedBytes } = this.current()
    this.#usage = {
      month,
      uploadedBytes: uploadedBytes + uploaded,
      downloadedBytes: downloadedBytes + downloaded
    }
    this.#isDirty = true
  }

  async save(): Promise<void> {
    if (!this.#isDirty) return
    this.#isDirty = false
    await writeWhole(this.#file, `${JSON.stringify({ version: 1, ...this.#usage })}\n`)
  }
}

async function readLedger(file: string): Promise<MonthlyUsage | undefined> {
  try {
    const ledger = ledgerSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    const { month, uploadedBytes, downloadedBytes } = ledger
    return { month, uploadedBytes, downloadedBytes }
  } catch {
    return undefined
  }
}

function monthOf(date: Date): string {
  return date.toISOString().slice(0, 7)
}
