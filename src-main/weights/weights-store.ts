import path from 'node:path'
import Corestore from 'corestore'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { ModelKey } from '#contract/model.ts'
import type { MonthlyUsage, StoredModel, VerifyReport } from '#contract/weights.ts'
import type { ByteSource } from '#model/byte-source.ts'
import type { Clock } from './byte-bucket.ts'
import { deleteCore } from './delete-core.ts'
import { identify, isSame } from './file-identity.ts'
import { forgetBlocks } from './forget-blocks.ts'
import { ImportJournal } from './import-journal.ts'
import { importModel, type ImportOptions } from './import-model.ts'
import { ModelHolding, type HoldingParts } from './model-holding.ts'
import { ModelRecords, type ModelRecord } from './model-record.ts'
import { storeFault } from './store-fault.ts'
import { openStoreFolder, type StoreFolder } from './store-folder.ts'
import { UploadControl, type UploadLimits } from './upload-control.ts'
import { UsageLedger } from './usage-ledger.ts'
import { verifyModel, type VerifyOptions } from './verify-model.ts'
import { WeightsStorage } from './weights-storage.ts'

export interface StoreOptions {
  readonly log?: Logger
  readonly clock?: Clock
}

interface StoreParts extends HoldingParts {
  readonly folder: StoreFolder
  readonly records: ModelRecords
  readonly ledger: UsageLedger
}

/** The models that this computer keeps, and what it exchanges of them with peers. One process has a store at a time. */
export class WeightsStore {
  readonly #parts: StoreParts
  readonly #holdings = new Map<ModelKey, ModelHolding>()

  private constructor(parts: StoreParts) {
    this.#parts = parts
  }

  /** Throws `weights-in-use`, `weights-newer`, `weights-unreadable` or `disk-full`. */
  static async open(folder: string, options: StoreOptions = {}): Promise<WeightsStore> {
    const folders = await openStoreFolder(folder)
    try {
      const storage = new WeightsStorage(folders.cores)
      const ledger = await UsageLedger.open(path.join(folder, 'usage.json'))
      const cores = new Corestore(storage)
      await cores.ready()
      const records = new ModelRecords(folders.models, options.log)
      const uploads = new UploadControl(ledger, options.clock)
      const store = new WeightsStore({ folder: folders, storage, cores, records, ledger, uploads })
      for (const record of await records.readAll()) await store.#hold(record)
      return store
    } catch (thrown) {
      folders.release()
      throw storeFault(thrown)
    }
  }

  async models(): Promise<StoredModel[]> {
    const models = await Promise.all([...this.#holdings.values()].map((it) => it.describe()))
    return models.filter((model) => model !== undefined)
  }

  /** Throws `model-not-here`. */
  async model(key: ModelKey): Promise<StoredModel> {
    const model = await this.#holdings.get(key)?.describe()
    if (model === undefined) throw new SkeinError('model-not-here', key)
    return model
  }

  /** Adds a local GGUF file; its bytes stay where they are. Goes on where an earlier try stopped. Throws what `importModel` throws. */
  async importFile(file: string, options: ImportOptions = {}): Promise<StoredModel> {
    const found = await identify(path.resolve(file))
    const known = this.#recordOf((record) => record.file && isSame(record.file, found))
    if (known !== undefined) return this.model(known.info.key)
    const journal = this.#journalOf(file)
    let released: ModelRecord | undefined
    const release = async (key: ModelKey): Promise<void> => {
      released = this.#holdings.get(key)?.record
      await this.#release(key)
    }
    try {
      const { storage, records } = this.#parts
      const record = await importModel(found, { storage, journal, release }, options)
      await records.write(record)
      await journal.remove()
      return await this.#hold(record)
    } catch (thrown) {
      if (released !== undefined) await this.#hold(released)
      throw thrown
    }
  }

  /** Forgets what an interrupted import of this file had read. */
  async forgetImport(file: string): Promise<void> {
    await this.#journalOf(file).remove()
  }

  /** The model's bytes as far as they are here. Throws `model-not-here`. */
  source(key: ModelKey): ByteSource {
    return this.#require(key).source()
  }

  /**
   * Checks every block that should be here. What is damaged is forgotten: it is not offered to peers any more, and can be fetched
   * again. Throws `model-not-here` or `cancelled`.
   */
  async verify(key: ModelKey, options: VerifyOptions = {}): Promise<VerifyReport> {
    const holding = this.#require(key)
    const { checked, damaged } = await verifyModel(holding, options)
    if (damaged.length > 0) {
      await this.#release(key)
      await forgetBlocks(this.#parts.storage, key, damaged)
      await this.#open(key, holding.record)
    }
    return { checkedBlocks: checked, damagedBlocks: damaged.length }
  }

  /** Forgets a model and frees what the store keeps of it. A file that was added stays. Throws `model-not-here`. */
  async remove(key: ModelKey): Promise<void> {
    this.#require(key)
    await this.#parts.records.remove(key)
    await this.#release(key)
    await deleteCore(this.#parts.storage, key)
  }

  /** Whether peers may have this model, once uploads are allowed at all. Throws `model-not-here`. */
  async setSeeding(key: ModelKey, seeding: boolean): Promise<StoredModel> {
    const holding = this.#require(key)
    if (holding.record !== undefined) {
      const record = { ...holding.record, seeding }
      await this.#parts.records.write(record)
      holding.setRecord(record)
    }
    return this.model(key)
  }

  get uploadLimits(): UploadLimits {
    return this.#parts.uploads.limits
  }

  setUploadLimits(limits: UploadLimits): void {
    this.#parts.uploads.setLimits(limits)
  }

  usage(): MonthlyUsage {
    return this.#parts.ledger.current()
  }

  async close(): Promise<void> {
    const { cores, ledger, folder } = this.#parts
    try {
      await Promise.all([...this.#holdings.values()].map((holding) => holding.close()))
      await cores.close()
      await ledger.save()
    } finally {
      folder.release()
    }
  }

  async #hold(record: ModelRecord): Promise<StoredModel> {
    await this.#open(record.info.key, record)
    return this.model(record.info.key)
  }

  async #open(key: ModelKey, record: ModelRecord | undefined): Promise<void> {
    this.#holdings.set(key, await ModelHolding.open(key, this.#parts, record))
  }

  async #release(key: ModelKey): Promise<void> {
    const holding = this.#holdings.get(key)
    this.#holdings.delete(key)
    await holding?.close()
  }

  #require(key: ModelKey): ModelHolding {
    const holding = this.#holdings.get(key)
    if (holding === undefined) throw new SkeinError('model-not-here', key)
    return holding
  }

  #recordOf(isIt: (record: ModelRecord) => boolean | undefined): ModelRecord | undefined {
    const records = [...this.#holdings.values()].map(({ record }) => record)
    return records.find((record) => record !== undefined && isIt(record))
  }

  #journalOf(file: string): ImportJournal {
    return new ImportJournal(this.#parts.folder.imports, path.resolve(file))
  }
}
