import { SkeinError } from '#contract/errors.ts'
import type { ModelKey } from '#contract/model.ts'
import type { StoredFile } from '#contract/weights.ts'
import type { FileIdentity } from './file-identity.ts'
import type { ModelHolding } from './model-holding.ts'
import type { ModelRecord } from './model-record.ts'

/** What a store has open, by key: models and adapters. */
export class Shelf {
  readonly #holdings = new Map<ModelKey, ModelHolding>()

  all(): readonly ModelHolding[] {
    return [...this.#holdings.values()]
  }

  has(key: ModelKey): boolean {
    return this.#holdings.has(key)
  }

  find(key: ModelKey): ModelHolding | undefined {
    return this.#holdings.get(key)
  }

  /** Throws `model-not-here`. */
  require(key: ModelKey): ModelHolding {
    const holding = this.#holdings.get(key)
    if (holding === undefined) throw new SkeinError('model-not-here', key)
    return holding
  }

  put(holding: ModelHolding): void {
    this.#holdings.set(holding.key, holding)
  }

  /** Takes what is there of a key off the shelf. */
  take(key: ModelKey): ModelHolding | undefined {
    const holding = this.#holdings.get(key)
    this.#holdings.delete(key)
    return holding
  }

  /** All of which more is known than the key. */
  async files(): Promise<StoredFile[]> {
    const files = await Promise.all(this.all().map((holding) => holding.describe()))
    return files.filter((file) => file !== undefined)
  }

  /** Throws `model-not-here`. */
  async file(key: ModelKey): Promise<StoredFile> {
    const file = await this.#holdings.get(key)?.describe()
    if (file === undefined) throw new SkeinError('model-not-here', key)
    return file
  }

  /** The record of a file of which `isIt` holds. */
  recordOf(isIt: (file: FileIdentity) => boolean): ModelRecord | undefined {
    const records = this.all().map(({ record }) => record)
    return records.find((record) => record?.file !== undefined && isIt(record.file))
  }
}
