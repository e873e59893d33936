import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { modelKeySchema, type ModelKey } from '#contract/model.ts'
import type { ExchangedBytes, MonthlyUsage } from '#contract/weights.ts'
import { writeWhole } from './write-whole.ts'

const exchangedSchema = z.object({
  uploadedBytes: z.int().nonnegative(),
  downloadedBytes: z.int().nonnegative()
})
const ledgerSchema = z.object({
  /** Version 1 counted the month only. */
  version: z.union([z.literal(1), z.literal(2)]),
  /** `2026-11`, in UTC. */
  month: z.string().regex(/^\d{4}-\d{2}$/),
  ...exchangedSchema.shape,
  total: exchangedSchema.optional(),
  models: z.record(modelKeySchema, exchangedSchema).optional()
})

const nothing: ExchangedBytes = { uploadedBytes: 0, downloadedBytes: 0 }

/** What passed at once, of one model. */
interface Passed {
  readonly uploaded?: number
  readonly downloaded?: number
}

/** Bytes of weights exchanged with peers: this month, ever, and of each model that is kept. Outlives restarts. */
export class UsageLedger {
  readonly #file: string
  readonly #today: () => Date
  readonly #models: Map<ModelKey, ExchangedBytes>
  #month: MonthlyUsage
  #total: ExchangedBytes
  #isDirty = false

  private constructor(file: string, today: () => Date, known: z.infer<typeof ledgerSchema>) {
    const { month, uploadedBytes, downloadedBytes, total, models = {} } = known
    this.#file = file
    this.#today = today
    this.#month = { month, uploadedBytes, downloadedBytes }
    this.#total = total ?? { uploadedBytes, downloadedBytes }
    this.#models = new Map(
      Object.entries(models).map(([key, bytes]) => [modelKeySchema.parse(key), bytes])
    )
  }

  /** A ledger that is missing or damaged begins at zero. */
  static async open(file: string, today: () => Date = () => new Date()): Promise<UsageLedger> {
    const none = { version: 2, month: monthOf(today()), ...nothing } as const
    return new UsageLedger(file, today, (await readLedger(file)) ?? none)
  }

  /** This month. A clock that is set back begins no month anew: what was counted in a later one goes on. */
  current(): MonthlyUsage {
    const month = monthOf(this.#today())
    if (month > this.#month.month) this.#month = { month, ...nothing }
    return this.#month
  }

  /** All that was ever exchanged, models that were removed among it. */
  total(): ExchangedBytes {
    return this.#total
  }

  ofModel(key: ModelKey): ExchangedBytes {
    return this.#models.get(key) ?? nothing
  }

  add(key: ModelKey, passed: Passed): void {
    const { month, ...bytes } = this.current()
    this.#month = { month, ...sum(bytes, passed) }
    this.#total = sum(this.#total, passed)
    this.#models.set(key, sum(this.ofModel(key), passed))
    this.#isDirty = true
  }

  /** Of a model that is removed nothing is kept but its part in the sums. */
  forget(key: ModelKey): void {
    if (this.#models.delete(key)) this.#isDirty = true
  }

  async save(): Promise<void> {
    if (!this.#isDirty) return
    this.#isDirty = false
    const ledger = {
      version: 2,
      ...this.#month,
      total: this.#total,
      models: Object.fromEntries(this.#models)
    }
    await writeWhole(this.#file, `${JSON.stringify(ledger)}\n`)
  }
}

function sum(bytes: ExchangedBytes, { uploaded = 0, downloaded = 0 }: Passed): ExchangedBytes {
  return {
    uploadedBytes: bytes.uploadedBytes + uploaded,
    downloadedBytes: bytes.downloadedBytes + downloaded
  }
}

async function readLedger(file: string): Promise<z.infer<typeof ledgerSchema> | undefined> {
  try {
    return ledgerSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return undefined
  }
}

function monthOf(date: Date): string {
  return date.toISOString().slice(0, 7)
}
