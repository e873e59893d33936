import path from 'node:path'
import type SecretStream from '@hyperswarm/secret-stream'
import type { Topics } from '#contract/topics.ts'
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
import { Adapters } from './adapters.ts'
import { collectGarbage } from './collect-garbage.ts'
import { deleteCore } from './delete-core.ts'
import { asModel, modelKind } from './file-kind.ts'
import type { Reservation } from './disk-budget.ts'
import type { FetchPart } from './fetch/fetch-part.ts'
import { fetchPartsOf, type FetchPartsOptions } from './fetch/fetch-parts.ts'
import type { FetchOptions, FetchParts } from './fetch/fetch-session.ts'
import { letHeapGrow } from './heap-growth.ts'
import { forgetBlocks } from './forget-blocks.ts'
import type { ImportOptions } from './import-model.ts'
import { ImportQueue } from './import-queue.ts'
import { ModelHolding, type HoldingParts } from './model-holding.ts'
import { ModelRecords, type ModelRecord } from './model-record.ts'
import { PeerExchange, type ExchangeParts } from './peer-exchange.ts'
import { SharedCores } from './shared-cores.ts'
import { storeFault } from './store-fault.ts'
import { Shelf } from './shelf.ts'
import { StoreFetches } from './store-fetches.ts'
import { openStoreFolder, type StoreFolder } from './store-folder.ts'
import { UploadControl, type UploadLimits } from './upload-control.ts'
import { UsageLedger } from './usage-ledger.ts'
import { verifyModel, type VerifyOptions } from './verify-model.ts'
import { WeightsStorage } from './weights-storage.ts'

export interface StoreOptions extends FetchPartsOptions {
  readonly log?: Logger
}

interface StoreParts extends HoldingParts, ExchangeParts {
  readonly folder: StoreFolder
  readonly records: ModelRecords
  readonly fetching: FetchParts
}

/** The models that this computer keeps, and what it exchanges of them with peers. One process has a store at a time. */
export class WeightsStore {
  readonly #parts: StoreParts
  readonly #shelf = new Shelf()
  readonly #exchange: PeerExchange
  readonly #fetches: StoreFetches
  readonly #imports: ImportQueue
  readonly adapters: Adapters

  private constructor(parts: StoreParts) {
    this.#parts = parts
    this.#exchange = new PeerExchange(parts, this.#shelf)
    this.#fetches = new StoreFetches({
      ...parts,
      shelf: this.#shelf,
      exchange: this.#exchange,
      open: (key) => this.#open(key, undefined),
      discard: (holding) => this.#discard(holding)
    })
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
      fetch: (key, kind, part, options) => this.#fetches.run(key, kind, part, options)
    })
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
      await collectGarbage(storage, blocksFolder, await records.keys())
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
    await this.#discard(this.#shelf.require(key))
  }

  /** Whether peers may have this model, once uploads are allowed at all. Throws `model-not-here`. */
  async setSeeding(key: ModelKey, seeding: boolean): Promise<StoredFile> {
    const holding = this.#shelf.require(key)
    if (holding.record !== undefined) {
      const record = { ...holding.record, seeding }
      await this.#parts.records.write(record)
      holding.setRecord(record)
      this.#exchange.offer(holding)
    }
    return this.file(key)
  }

  /** Exchanges blocks with the peer of this connection, as long as it lasts: asks for what is fetched, gives what is allowed. */
  attach(connection: SecretStream): void {
    this.#exchange.attach(connection)
  }

  /** Meets peers of the network by what they have and want. Once; until then blocks come and go over whatever connections there are. */
  discoverBy(topics: Topics): void {
    this.#exchange.discovery.start(topics)
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
    return asModel(await this.#fetches.run(key, modelKind, part, options))
  }

  /** `Infinity`: no limit. */
  setDownloadRate(bytesPerSecond: number): void {
    this.#parts.fetching.downloads.setRate(bytesPerSecond)
  }

  get uploadLimits(): UploadLimits {
    return this.#parts.uploads.limits
  }

  setUploadLimits(limits: UploadLimits): void {
    this.#exchange.setUploadLimits(limits)
  }

  /** What models that came from peers or the web may take of the disk, in bytes. Holds for what begins from now on. */
  setDiskBudget(bytes: number): void {
    this.#parts.fetching.budget.limitBytes = bytes
  }

  /** How much of that they take. */
  usedDiskBytes(): Promise<number> {
    return this.#parts.fetching.budget.usedBytes()
  }

  /** Sets space aside for a download. Throws `weights-over-budget`. */
  reserveDisk(bytes: number): Promise<Reservation> {
    return this.#parts.fetching.budget.reserve(bytes)
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
    const { cores, folder } = this.#parts
    try {
      await this.#fetches.stopAll()
      await Promise.all(this.#shelf.all().map((holding) => holding.close()))
      await cores.close()
      await this.#exchange.close()
    } finally {
      folder.release()
    }
  }

  async #discard(holding: ModelHolding): Promise<void> {
    const { key } = holding
    // A fetch that is stopped may still write the record.
    await this.#release(key)
    await this.#parts.records.remove(key)
    this.#parts.ledger.forget(key)
    await holding.removeBlocks()
    await deleteCore(this.#parts.storage, key)
  }

  async #hold(record: ModelRecord): Promise<StoredFile> {
    await this.#open(record.info.key, record)
    return this.file(record.info.key)
  }

  async #open(key: ModelKey, record: ModelRecord | undefined): Promise<void> {
    const holding = await ModelHolding.open(key, this.#parts, record)
    this.#shelf.put(holding)
    this.#exchange.offer(holding)
  }

  /** Gives the record of what was open, where there is one. */
  async #release(key: ModelKey): Promise<ModelRecord | undefined> {
    await this.#fetches.stop(key)
    const holding = this.#shelf.take(key)
    if (holding !== undefined) this.#exchange.withdraw(holding)
    await holding?.close()
    return holding?.record
  }
}
