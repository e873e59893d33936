import { SkeinError } from '#contract/errors.ts'
import type { LayerRange, ModelInfo, ModelKey } from '#contract/model.ts'
import type { StoredModel } from '#contract/weights.ts'
import { openFileSource, type ByteSource } from '#model/byte-source.ts'
import type { LocalModel } from '../local-models.ts'
import type { StoreAccess } from './store-access.ts'
import type { Transfers } from './transfers.ts'

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
  #stored: readonly StoredModel[] = []
  #preferred: ModelKey | undefined

  constructor(options: LibraryOptions) {
    this.#options = options
  }

  /** Models that can be asked, the default one first: those whose bytes were damaged or are gone are left out. */
  infos(): readonly ModelInfo[] {
    const inFiles = this.#options.files.map(({ info }) => info)
    const usable = this.#stored.filter(({ state }) => state === 'whole' || state === 'partial')
    const inStore = usable.filter(({ info }) => inFiles.every(({ key }) => key !== info.key))
    const all = [...inFiles, ...inStore.map(({ info }) => info)]
    const isFirst = ({ key }: ModelInfo): boolean => key === this.#preferred
    return [...all.filter(isFirst), ...all.filter((info) => !isFirst(info))]
  }

  stored(): readonly StoredModel[] {
    return this.#stored
  }

  /** Makes a model the default one, as soon as it is known. */
  prefer(key: ModelKey): void {
    this.#preferred = key
    this.#options.onChange()
  }

  /** Resolves when the store was looked at. Throws why it cannot be opened. */
  async ready(): Promise<void> {
    await this.#options.access.require()
    await this.refresh()
  }

  /** Whether every byte of a model is on this computer. */
  isWhole(key: ModelKey): boolean {
    const stored = this.#stored.find(({ info }) => info.key === key)
    return this.#fileOf(key) !== undefined || stored?.state === 'whole'
  }

  /** Looks at the store again: something was added, fetched or removed. */
  async refresh(): Promise<void> {
    const { access, onChange } = this.#options
    this.#stored = (await access.store?.models()) ?? []
    onChange()
  }

  /** What a model is of which only the key may be known: its header comes from peers. Throws `model-nobody-has` when it does not come soon. */
  async learn(key: ModelKey, signal: AbortSignal): Promise<ModelInfo> {
    const known = this.infos().find((info) => info.key === key)
    if (known !== undefined) return known
    const store = await this.#options.access.require()
    const late = AbortSignal.timeout(learnMs)
    try {
      const { info } = await store.fetch(key, 'header', { signal: AbortSignal.any([signal, late]) })
      await this.refresh()
      return info
    } catch (thrown) {
      if (late.aborted && !signal.aborted) throw new SkeinError('model-nobody-has', key)
      throw thrown
    }
  }

  /** The model's header, with its vocabulary. Throws `model-not-here`, and what reading throws. */
  async openHeader(key: ModelKey): Promise<ByteSource> {
    const file = this.#fileOf(key)
    if (file !== undefined) return openFileSource(file)
    return (await this.#options.access.require()).source(key)
  }

  /** The bytes of some layers, which come from peers first where they are not here. Throws what the transfer throws. */
  async openLayers(info: ModelInfo, range: LayerRange, signal: AbortSignal): Promise<ByteSource> {
    const { key } = info
    const { access, transfers } = this.#options
    const file = this.#fileOf(key)
    if (file !== undefined) return openFileSource(file)
    const store = await access.require()
    if (!this.isWhole(key)) {
      const isAll = range.first === 0 && range.end === info.layers
      const part = isAll ? {} : { range }
      await transfers.finished(transfers.start({ kind: 'fetch', model: key, ...part }), signal)
    }
    return store.source(key)
  }

  #fileOf(key: ModelKey): string | undefined {
    return this.#options.files.find(({ info }) => info.key === key)?.file
  }
}
