import type SecretStream from '@hyperswarm/secret-stream'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { Topics } from '#contract/topics.ts'
import { WeightsStore } from '#weights/weights-store.ts'

export interface StoreAccessOptions {
  readonly folder: string
  readonly log?: Logger
  /** The store is open, and nobody who asked for it has it yet. */
  readonly onOpen?: (store: WeightsStore) => void
  /** `store` or `error` changed. */
  readonly onChange?: () => void
}

/**
 * The way to the weights store of a data folder. A store that is damaged or in use costs the models that are in it, nothing else: it is
 * tried again whenever somebody needs it.
 */
export class StoreAccess {
  readonly folder: string
  readonly #options: StoreAccessOptions
  readonly #connections = new Set<SecretStream>()
  #opening: Promise<WeightsStore> | undefined
  #store: WeightsStore | undefined
  #error: SkeinError | undefined
  #topics: Topics | undefined
  #closing: Promise<void> | undefined

  constructor(options: StoreAccessOptions) {
    this.folder = options.folder
    this.#options = options
  }

  get store(): WeightsStore | undefined {
    return this.#store
  }

  /** Why it is not open; absent as well before anybody needed it. */
  get error(): SkeinError | undefined {
    return this.#error
  }

  /** The open store. Throws what opening it throws; asked again, it is tried again. `cancelled` after `close`. */
  require(): Promise<WeightsStore> {
    if (this.#closing !== undefined) return Promise.reject(new SkeinError('cancelled'))
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** Meets peers by what they have and want, as soon as the store is open. Once. */
  discoverBy(topics: Topics): void {
    this.#topics = topics
    this.#store?.discoverBy(topics)
  }

  /** Exchanges blocks over this connection, as soon as the store is open. */
  attach(connection: SecretStream): void {
    this.#connections.add(connection)
    connection.once('close', () => this.#connections.delete(connection))
    this.#store?.attach(connection)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#opening?.catch(() => undefined)
    await this.#store?.close()
  }

  async #open(): Promise<WeightsStore> {
    const { folder, log, onOpen, onChange } = this.#options
    try {
      const store = await WeightsStore.open(folder, log === undefined ? {} : { log })
      this.#store = store
      this.#error = undefined
      onOpen?.(store)
      for (const connection of this.#connections) store.attach(connection)
      if (this.#topics !== undefined) store.discoverBy(this.#topics)
      return store
    } catch (thrown) {
      this.#opening = undefined
      this.#error = SkeinError.from(thrown, 'weights-unreadable')
      throw this.#error
    } finally {
      onChange?.()
    }
  }
}
