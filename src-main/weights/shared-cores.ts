import Corestore from 'corestore'
import type CorestoreStorage from 'hypercore-storage'

/**
 * The store's cores towards peers. Corestore offers what it has to whoever knows its key; here it first asks whether anything may be
 * offered at all. Cores that are being fetched are asked for in any case.
 */
export class SharedCores extends Corestore {
  readonly #mayOffer: () => boolean

  constructor(storage: CorestoreStorage, mayOffer: () => boolean) {
    super(storage)
    this.#mayOffer = mayOffer
  }

  protected override _attachMaybe(...args: Parameters<Corestore['_attachMaybe']>): Promise<void> {
    return this.#mayOffer() ? super._attachMaybe(...args) : Promise.resolve()
  }
}
