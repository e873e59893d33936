import type { ModelKeys } from '#chat/chat-model.ts'
import { adapted } from '#contract/adapter.ts'
import { SkeinError } from '#contract/errors.ts'
import type { LayerRange, ModelInfo, ModelKey } from '#contract/model.ts'
import type { TransferTask } from '#contract/transfers.ts'
import { isStoredAdapter, type StoredFile, type StoredModel } from '#contract/weights.ts'
import { openFileSource, type ByteSource } from '#model/byte-source.ts'
import type { LocalModel } from '../local-models.ts'
import type { StoreAccess } from './store-access.ts'
import type { Transfers } from './transfers.ts'

type FetchTask = Extract<TransferTask, { kind: 'fetch' }>

/** How long a person waits for the header of a model that only its key is known of. */
const learnMs = 20_000

export interface LibraryOptions {
  /** Models in files, the default one first. */
  readonly files: readonly LocalModel[]
  readonly access: StoreAccess
  readonly transfers: Transfers
  /** The models changed. */
  readonly onChange: () => void
}

/** Every model that this computer knows: those in files that Skein was started with, and those in the weights store. */
export class ModelLibrary {
  readonly #options: LibraryOptions
  #stored: readonly StoredFile[] = []
  #preferred: Pick<ModelInfo, 'key' | 'adapter'> | undefined

  constructor(options: LibraryOptions) {
    this.#options = options
  }

  /**
   * Models that can be asked, the default one first, and each with each of its adapters: those whose bytes were damaged or are gone are
   * left out.
   */
  infos(): readonly ModelInfo[] {
    const inFiles = this.#options.files.map(({ info }) => info)
    const usable = this.#stored.filter(({ state }) => state === 'whole' || state === 'partial')
    const inStore = modelsOf(usable).filter(({ info }) =>
      inFiles.every(({ key }) => key !== info.key)
    )
    const plain = [...inFiles, ...inStore.map(({ info }) => info)]
    const all = [...plain, ...plain.flatMap((info) => withAdapters(info, usable))]
    const isFirst = ({ key, adapter }: ModelInfo): boolean =>
      key === this.#preferred?.key && adapter === this.#preferred.adapter
    return [...all.filter(isFirst), ...all.filter((info) => !isFirst(info))]
  }

  stored(): readonly StoredModel[] {
    return modelsOf(this.#stored)
  }

  /** Makes a model the default one, as soon as it is known. */
  prefer(model: Pick<ModelInfo, 'key' | 'adapter'>): void {
    this.#preferred = model
    this.#options.onChange()
  }

  /** Resolves when the store was looked at. Throws why it cannot be opened. */
  async ready(): Promise<void> {
    await this.#options.access.require()
    await this.refresh()
  }

  /** Whether every byte of a model, or an adapter, is on this computer. */
  isWhole(key: ModelKey): boolean {
    const stored = this.#stored.find(({ info }) => info.key === key)
    return this.#fileOf(key) !== undefined || stored?.state === 'whole'
  }

  /** Looks at the store again: something was added, fetched or removed. */
  async refresh(): Promise<void> {
    const { access, onChange } = this.#options
    this.#stored = (await access.store?.files()) ?? []
    onChange()
  }

  /**
   * Gets to know a model, or one with an adapter on it, of which only the keys may be known: headers come from peers. Throws
   * `model-nobody-has` when they do not come soon, `adapter-mismatch` where the one is not for the other.
   */
  async learn({ key, adapter }: ModelKeys, signal: AbortSignal): Promise<void> {
    const store = await this.#options.access.require()
    const late = AbortSignal.timeout(learnMs)
    const options = { signal: AbortSignal.any([signal, late]) }
    try {
      if (!this.infos().some((info) => info.key === key)) await store.fetch(key, 'header', options)
      if (adapter !== undefined) await store.adapters.fetch(adapter, key, 'header', options)
    } catch (thrown) {
      if (late.aborted && !signal.aborted) throw new SkeinError('model-nobody-has', key)
      throw thrown
    }
    await this.refresh()
  }

  /** The model's header, with its vocabulary. Throws `model-not-here`, and what reading throws. */
  async openHeader(key: ModelKey): Promise<ByteSource> {
    const file = this.#fileOf(key)
    if (file !== undefined) return openFileSource(file)
    return (await this.#options.access.require()).source(key)
  }

  /** The bytes of some layers, which come from peers first where they are not here. Throws what the transfer throws. */
  async openLayers(info: ModelInfo, range: LayerRange, signal: AbortSignal): Promise<ByteSource> {
    const file = this.#fileOf(info.key)
    if (file !== undefined) return openFileSource(file)
    return this.#bring({ kind: 'fetch', model: info.key, ...partOf(info, range) }, signal)
  }

  /** The bytes of the adapter that is on the model, for some layers; as `openLayers`. */
  async openAdapter(info: ModelInfo, range: LayerRange, signal: AbortSignal): Promise<ByteSource> {
    const { key: base, adapter } = info
    if (adapter === undefined) throw new TypeError('a model without an adapter')
    return this.#bring({ kind: 'fetch', model: adapter, base, ...partOf(info, range) }, signal)
  }

  async #bring(task: FetchTask, signal: AbortSignal): Promise<ByteSource> {
    const { access, transfers } = this.#options
    const store = await access.require()
    if (!this.isWhole(task.model)) await transfers.finished(transfers.start(task), signal)
    return store.source(task.model)
  }

  #fileOf(key: ModelKey): string | undefined {
    return this.#options.files.find(({ info }) => info.key === key)?.file
  }
}

function modelsOf(files: readonly StoredFile[]): readonly StoredModel[] {
  return files.flatMap((file) => (isStoredAdapter(file) ? [] : [file]))
}

function withAdapters(model: ModelInfo, files: readonly StoredFile[]): readonly ModelInfo[] {
  return files.flatMap((file) =>
    isStoredAdapter(file) && file.base === model.key ? [adapted(model, file.info)] : []
  )
}

function partOf({ layers }: ModelInfo, range: LayerRange): { readonly range?: LayerRange } {
  return range.first === 0 && range.end === layers ? {} : { range }
}
