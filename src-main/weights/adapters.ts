import type { ModelKey } from '#contract/model.ts'
import type { StoredAdapter, StoredFile } from '#contract/weights.ts'
import type { ByteSource } from '#model/byte-source.ts'
import { readGguf } from '#model/gguf.ts'
import type { FetchPart } from './fetch/fetch-part.ts'
import type { FetchOptions } from './fetch/fetch-session.ts'
import { adapterKind, asAdapter, type FileKind } from './file-kind.ts'
import type { ImportOptions } from './import-model.ts'

/** What the store does for adapters as it does for models. */
export interface AdapterStore {
  /** Throws `model-not-here`, or `model-is-adapter`. */
  readonly modelSource: (key: ModelKey) => Promise<ByteSource>
  readonly add: (file: string, kind: FileKind, options: ImportOptions) => Promise<StoredFile>
  readonly fetch: (
    key: ModelKey,
    kind: FileKind,
    part: FetchPart,
    options: FetchOptions
  ) => Promise<StoredFile>
}

/** The adapters of a store. Each was checked against the model that it is for, of which the header must be here. */
export class Adapters {
  readonly #store: AdapterStore

  constructor(store: AdapterStore) {
    this.#store = store
  }

  /**
   * Adds a file to the model `base`; an adapter that was added to another model moves to this one. Throws `model-not-here` for the
   * model, what `checkAdapter` throws, and what importing throws.
   */
  async add(file: string, base: ModelKey, options: ImportOptions = {}): Promise<StoredAdapter> {
    return asAdapter(await this.#store.add(file, await this.#kindFor(base), options))
  }

  /**
   * Fetches an adapter for the model `base`; for some layers of it, what changes those. Throws `model-not-here` for the model, what
   * `checkAdapter` throws, and what fetching throws.
   */
  async fetch(
    key: ModelKey,
    base: ModelKey,
    part: FetchPart = 'whole',
    options: FetchOptions = {}
  ): Promise<StoredAdapter> {
    return asAdapter(await this.#store.fetch(key, await this.#kindFor(base), part, options))
  }

  async #kindFor(base: ModelKey): Promise<FileKind> {
    return adapterKind(base, await readGguf(await this.#store.modelSource(base)))
  }
}
