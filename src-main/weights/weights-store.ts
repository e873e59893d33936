import path from 'node:path'
import type SecretStream from '@hyperswarm/secret-stream'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { ModelKey } from '#contract/model.ts'
import type { MonthlyUsage, StoredModel, VerifyReport } from '#contract/weights.ts'
import type { ByteSource } from '#model/byte-source.ts'
import { describeModel } from '#model/describe-model.ts'
import type { Gguf } from '#model/gguf.ts'
import type { ByteRange } from '#model/metadata-value.ts'
import { deleteCore } from './delete-core.ts'
import { identify, isSame } from './file-identity.ts'
import { fetchModel } from './fetch/fetch-model.ts'
import { bytesOfPart, type FetchPart } from './fetch/fetch-part.ts'
import { fetchPartsOf, type FetchPartsOptions } from './fetch/fetch-parts.ts'
import type { FetchOptions, FetchParts } from './fetch/fetch-session.ts'
import { letHeapGrow } from './heap-growth.ts'
import { forgetBlocks } from './forget-blocks.ts'
import { ImportJournal } from './import-journal.ts'
import { importModel, type ImportOptions } from './import-model.ts'
import { ModelHolding, type HoldingParts } from './model-holding.ts'
import { ModelRecords, type ModelRecord } from './model-record.ts'
import { SharedCores } from './shared-cores.ts'
import { storeFault } from './store-fault.ts'
import { RunningFetches } from './running-fetches.ts'
import { openStoreFolder, type StoreFolder } from './store-folder.ts'
import { UploadControl, type UploadLimits } from './upload-control.ts'
import { UsageLedger } from './usage-ledger.ts'
import { verifyModel, type VerifyOptions } from './verify-model.ts'
import { WeightsStorage } from './weights-storage.ts'

export interface StoreOptions extends FetchPartsOptions {
  readonly log?: Logger
}

/** What a crash may lose of the month's count. */
const saveUsageMs = 30_000

interface StoreParts extends HoldingParts {
  readonly folder: StoreFolder
  readonly records: ModelRecords
  readonly ledger: UsageLedger
  readonly fetching: FetchParts
  readonly log: Logger | undefined
}

/** The models that this computer keeps, and what it exchanges of them with peers. One process has a store at a time. */
export class WeightsStore {
  readonly #parts: StoreParts
  readonly #holdings = new Map<ModelKey, ModelHolding>()
  readonly #connections = new Set<SecretStream>()
  readonly #fetches = new RunningFetches()
  readonly #saver: NodeJS.Timeout
  /** Imports run one after the other: two would only slow the disk down, and the second of a file finds the first one's work. */
  #importing: Promise<unknown> = Promise.resolve()

  private constructor(parts: StoreParts) {
    this.#parts = parts
    this.#saver = setInterval(() => this.#saveUsage(), saveUsageMs)
    this.#saver.unref()
  }

  /** Throws `weights-in-use`, `weights-newer`, `weights-unreadable` or `disk-full`. */
  static async open(folder: string, options: StoreOptions = {}): Promise<WeightsStore> {
    const folders = await openStoreFolder(folder)
    letHeapGrow()
    try {
      const storage = new WeightsStorage(folders.cores)
      const ledger = await UsageLedger.open(path.join(folder, 'usage.json'))
      const records = new ModelRecords(folders.models, options.log)
      const uploads = new UploadControl(ledger, options.clock)
      const cores = new SharedCores(storage, () => uploads.limits.isAllowed)
      await cores.ready()
      const fetching = fetchPartsOf(folder, ledger, options)
      const { log } = options
      const blocksFolder = folders.blocks
      const shared = { storage, cores, uploads, blocksFolder }
      const parts = { ...shared, folder: folders, records, ledger, fetching, log }
      const store = new WeightsStore(parts)
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
  importFile(file: string, options: ImportOptions = {}): Promise<StoredModel> {
    const importing = this.#importing.then(() => this.#import(file, options))
    this.#importing = importing.catch(() => undefined)
    return importing
  }

  async #import(file: string, options: ImportOptions): Promise<StoredModel> {
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
    const holding = this.#require(key)
    // A fetch that is stopped may still write the record.
    await this.#release(key)
    await this.#parts.records.remove(key)
    await holding.removeBlocks()
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

  /** Exchanges blocks with the peer of this connection, as long as it lasts: asks for what is fetched, gives what is allowed. */
  attach(connection: SecretStream): void {
    this.#connections.add(connection)
    connection.once('close', () => this.#connections.delete(connection))
    this.#parts.cores.replicate(connection)
  }

  /**
   * Fetches a part of a model from peers. What is here already is not fetched again, so that a fetch that was cut off goes on. Waits
   * as long as nobody has it. Throws what `fetchModel` throws.
   */
  fetch(
    key: ModelKey,
    part: FetchPart = 'whole',
    options: FetchOptions = {}
  ): Promise<StoredModel> {
    return this.#fetches.run(key, options.signal, (signal) =>
      this.#fetch(key, part, { ...options, signal })
    )
  }

  /** `Infinity`: no limit. */
  setDownloadRate(bytesPerSecond: number): void {
    this.#parts.fetching.downloads.setRate(bytesPerSecond)
  }

  get uploadLimits(): UploadLimits {
    return this.#parts.uploads.limits
  }

  setUploadLimits(limits: UploadLimits): void {
    this.#parts.uploads.setLimits(limits)
    for (const holding of this.#holdings.values()) this.#offer(holding)
  }

  usage(): MonthlyUsage {
    return this.#parts.ledger.current()
  }

  async close(): Promise<void> {
    const { cores, ledger, folder } = this.#parts
    clearInterval(this.#saver)
    try {
      await this.#fetches.stopAll()
      await Promise.all([...this.#holdings.values()].map((holding) => holding.close()))
      await cores.close()
      await ledger.save()
    } finally {
      folder.release()
    }
  }

  async #fetch(key: ModelKey, part: FetchPart, options: FetchOptions): Promise<StoredModel> {
    if (!this.#holdings.has(key)) await this.#open(key, undefined)
    const holding = this.#require(key)
    const wanted = async (gguf: Gguf): Promise<readonly ByteRange[]> => {
      await this.#describe(holding, gguf)
      return bytesOfPart(gguf, part)
    }
    const core = await holding.openForFetching()
    try {
      await fetchModel(core, wanted, this.#parts.fetching, options)
      return await this.model(key)
    } finally {
      await core.close()
      await this.#parts.ledger.save()
    }
  }

  async #hold(record: ModelRecord): Promise<StoredModel> {
    await this.#open(record.info.key, record)
    return this.model(record.info.key)
  }

  async #open(key: ModelKey, record: ModelRecord | undefined): Promise<void> {
    const holding = await ModelHolding.open(key, this.#parts, record)
    this.#holdings.set(key, holding)
    this.#offer(holding)
  }

  /** Peers who asked for it before they could have it would not ask again on the same connection. */
  #offer(holding: ModelHolding): void {
    if (!this.uploadLimits.isAllowed || !holding.isShared) return
    for (const connection of this.#connections) holding.core.replicate(connection)
  }

  /** What a fetched header says of the model is remembered, so that the fetch is listed and goes on after a restart. */
  async #describe(holding: ModelHolding, gguf: Gguf): Promise<void> {
    if (holding.record !== undefined) return
    const { key } = holding
    const info = describeModel(gguf, { key, bytes: gguf.bytes, fileName: key.slice(0, 12) })
    const addedAt = new Date().toISOString()
    const record = { version: 1, info, fileName: `${key}.gguf`, addedAt, seeding: true } as const
    await this.#parts.records.write(record)
    holding.setRecord(record)
  }

  async #release(key: ModelKey): Promise<void> {
    await this.#fetches.stop(key)
    const holding = this.#holdings.get(key)
    this.#holdings.delete(key)
    await holding?.close()
  }

  #saveUsage(): void {
    const { ledger, log } = this.#parts
    ledger.save().catch((thrown: unknown) => {
      log?.warn('the count of bytes exchanged this month is not saved', { why: String(thrown) })
    })
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
