import path from 'node:path'
import type SecretStream from '@hyperswarm/secret-stream'
import type { Logger } from '#contract/log.ts'
import type { ModelKey } from '#contract/model.ts'
import {
  isStoredAdapter,
  type ExchangedBytes,
  type MonthlyUsage,
  type StoredFile,
  type StoredModel,
  type VerifyReport
} from '#contract/weights.ts'
import type { ByteSource } from '#model/byte-source.ts'
import type { Gguf } from '#model/gguf.ts'
import type { ByteRange } from '#model/metadata-value.ts'
import { Adapters } from './adapters.ts'
import { deleteCore } from './delete-core.ts'
import { asModel, modelKind, type FileKind } from './file-kind.ts'
import { fetchModel } from './fetch/fetch-model.ts'
import { bytesOfPart, type FetchPart } from './fetch/fetch-part.ts'
import { fetchPartsOf, type FetchPartsOptions } from './fetch/fetch-parts.ts'
import type { FetchOptions, FetchParts } from './fetch/fetch-session.ts'
import { letHeapGrow } from './heap-growth.ts'
import { forgetBlocks } from './forget-blocks.ts'
import type { ImportOptions } from './import-model.ts'
import { ImportQueue } from './import-queue.ts'
import { ModelHolding, type HoldingParts } from './model-holding.ts'
import { freshRecord, ModelRecords, type ModelRecord } from './model-record.ts'
import { SharedCores } from './shared-cores.ts'
import { storeFault } from './store-fault.ts'
import { Shelf } from './shelf.ts'
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
  readonly #shelf = new Shelf()
  readonly #connections = new Set<SecretStream>()
  readonly #fetches = new RunningFetches()
  readonly #saver: NodeJS.Timeout
  readonly #imports: ImportQueue
  readonly adapters: Adapters

  private constructor(parts: StoreParts) {
    this.#parts = parts
    this.#imports = new ImportQueue({
      storage: parts.storage,
      records: parts.records,
      journals: parts.folder.imports,
      find: (isIt) => this.#shelf.recordOf(isIt),
      release: (key) => this.#release(key),
      hold: (record) => this.#hold(record),
      file: (key) => this.file(key)
    })
    this.adapters = new Adapters({
      modelSource: async (key) => this.source((await this.model(key)).info.key),
      add: (file, kind, options) => this.#imports.add(file, kind, options),
      fetch: (key, kind, part, options) => this.#fetchAs(key, kind, part, options)
    })
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
    return (await this.files()).flatMap((file) => (isStoredAdapter(file) ? [] : [file]))
  }

  /** Models and adapters. */
  files(): Promise<StoredFile[]> {
    return this.#shelf.files()
  }

  /** Throws `model-not-here`, or `model-is-adapter`. */
  async model(key: ModelKey): Promise<StoredModel> {
    return asModel(await this.file(key))
  }

  /** A model or an adapter. Throws `model-not-here`. */
  file(key: ModelKey): Promise<StoredFile> {
    return this.#shelf.file(key)
  }

  /** Adds a local GGUF file; its bytes stay where they are. Goes on where an earlier try stopped. Throws what `importModel` throws. */
  async importFile(file: string, options: ImportOptions = {}): Promise<StoredModel> {
    return asModel(await this.#imports.add(file, modelKind, options))
  }

  /** Forgets what an interrupted import of this file had read. */
  forgetImport(file: string): Promise<void> {
    return this.#imports.forget(file)
  }

  /** The model's bytes as far as they are here. Throws `model-not-here`. */
  source(key: ModelKey): ByteSource {
    return this.#shelf.require(key).source()
  }

  /**
   * Checks every block that should be here. What is damaged is forgotten: it is not offered to peers any more, and can be fetched
   * again. Throws `model-not-here` or `cancelled`.
   */
  async verify(key: ModelKey, options: VerifyOptions = {}): Promise<VerifyReport> {
    const holding = this.#shelf.require(key)
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
    const holding = this.#shelf.require(key)
    // A fetch that is stopped may still write the record.
    await this.#release(key)
    await this.#parts.records.remove(key)
    this.#parts.ledger.forget(key)
    await holding.removeBlocks()
    await deleteCore(this.#parts.storage, key)
  }

  /** Whether peers may have this model, once uploads are allowed at all. Throws `model-not-here`. */
  async setSeeding(key: ModelKey, seeding: boolean): Promise<StoredFile> {
    const holding = this.#shelf.require(key)
    if (holding.record !== undefined) {
      const record = { ...holding.record, seeding }
      await this.#parts.records.write(record)
      holding.setRecord(record)
    }
    return this.file(key)
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
  async fetch(
    key: ModelKey,
    part: FetchPart = 'whole',
    options: FetchOptions = {}
  ): Promise<StoredModel> {
    return asModel(await this.#fetchAs(key, modelKind, part, options))
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
    for (const holding of this.#shelf.all()) this.#offer(holding)
  }

  /** This month, of all models. */
  usage(): MonthlyUsage {
    return this.#parts.ledger.current()
  }

  /** Ever: of one model as long as it is kept, or of all that ever were. */
  exchanged(key?: ModelKey): ExchangedBytes {
    const { ledger } = this.#parts
    return key === undefined ? ledger.total() : ledger.ofModel(key)
  }

  async close(): Promise<void> {
    const { cores, ledger, folder } = this.#parts
    clearInterval(this.#saver)
    try {
      await this.#fetches.stopAll()
      await Promise.all(this.#shelf.all().map((holding) => holding.close()))
      await cores.close()
      await ledger.save()
    } finally {
      folder.release()
    }
  }

  #fetchAs(
    key: ModelKey,
    kind: FileKind,
    part: FetchPart,
    options: FetchOptions
  ): Promise<StoredFile> {
    return this.#fetches.run(key, options.signal, (signal) =>
      this.#fetch(key, kind, part, { ...options, signal })
    )
  }

  async #fetch(
    key: ModelKey,
    kind: FileKind,
    part: FetchPart,
    options: FetchOptions
  ): Promise<StoredFile> {
    if (!this.#shelf.has(key)) await this.#open(key, undefined)
    const holding = this.#shelf.require(key)
    const wanted = async (gguf: Gguf): Promise<readonly ByteRange[]> => {
      await this.#describe(holding, kind, gguf)
      return bytesOfPart(gguf, part, kind.layersOf)
    }
    const core = await holding.openForFetching()
    try {
      await fetchModel(core, wanted, this.#parts.fetching, options)
      return await this.file(key)
    } finally {
      await core.close()
      await this.#parts.ledger.save()
    }
  }

  async #hold(record: ModelRecord): Promise<StoredFile> {
    await this.#open(record.info.key, record)
    return this.file(record.info.key)
  }

  async #open(key: ModelKey, record: ModelRecord | undefined): Promise<void> {
    const holding = await ModelHolding.open(key, this.#parts, record)
    this.#shelf.put(holding)
    this.#offer(holding)
  }

  /** Peers who asked for it before they could have it would not ask again on the same connection. */
  #offer(holding: ModelHolding): void {
    if (!this.uploadLimits.isAllowed || !holding.isShared) return
    for (const connection of this.#connections) holding.core.replicate(connection)
  }

  /** What a fetched header says of the model is remembered, so that the fetch is listed and goes on after a restart. */
  async #describe(holding: ModelHolding, kind: FileKind, gguf: Gguf): Promise<void> {
    const { key, record: known } = holding
    if (known !== undefined && kind.isKept(known)) return
    kind.check(gguf)
    const facts = kind.describe(gguf, { key, bytes: gguf.bytes, fileName: key.slice(0, 12) })
    const record = { ...(known ?? freshRecord(key)), ...facts }
    await this.#parts.records.write(record)
    holding.setRecord(record)
  }

  /** Gives the record of what was open, where there is one. */
  async #release(key: ModelKey): Promise<ModelRecord | undefined> {
    await this.#fetches.stop(key)
    const holding = this.#shelf.take(key)
    await holding?.close()
    return holding?.record
  }

  #saveUsage(): void {
    const { ledger, log } = this.#parts
    ledger.save().catch((thrown: unknown) => {
      log?.warn('the count of bytes exchanged this month is not saved', { why: String(thrown) })
    })
  }
}
