import type Corestore from 'corestore'
import type SecretStream from '@hyperswarm/secret-stream'
import type { Logger } from '#contract/log.ts'
import { ModelDiscovery } from './discovery/model-discovery.ts'
import type { ModelHolding } from './model-holding.ts'
import type { Shelf } from './shelf.ts'
import type { UploadControl, UploadLimits } from './upload-control.ts'
import type { UsageLedger } from './usage-ledger.ts'

/** How often the count is saved, which is what a crash may lose of it, and layers that came meanwhile are told to the network. */
const upkeepMs = 30_000

export interface ExchangeParts {
  readonly cores: Corestore
  readonly uploads: UploadControl
  readonly ledger: UsageLedger
  readonly log: Logger | undefined
}

/** What a store does with peers: over which connections, where it is found, what it gives, and how much. */
export class PeerExchange {
  readonly discovery = new ModelDiscovery()
  readonly #parts: ExchangeParts
  readonly #shelf: Shelf
  readonly #connections = new Set<SecretStream>()
  readonly #upkeep: NodeJS.Timeout

  constructor(parts: ExchangeParts, shelf: Shelf) {
    this.#parts = parts
    this.#shelf = shelf
    this.#upkeep = setInterval(() => this.#keepUp(), upkeepMs)
    this.#upkeep.unref()
  }

  attach(connection: SecretStream): void {
    this.#connections.add(connection)
    connection.once('close', () => this.#connections.delete(connection))
    this.#parts.cores.replicate(connection)
  }

  setUploadLimits(limits: UploadLimits): void {
    this.#parts.uploads.setLimits(limits)
    for (const holding of this.#shelf.all()) this.offer(holding)
  }

  /** To be called when it changes what peers may have of a model. */
  offer(holding: ModelHolding): void {
    if (this.#mayGive(holding)) {
      // Peers who asked for it before they could have it would not ask again on the same connection.
      for (const connection of this.#connections) holding.core.replicate(connection)
    }
    void this.#tell(holding)
  }

  /** The model is not here any more. */
  withdraw(holding: ModelHolding): void {
    this.discovery.give(holding.key, undefined)
  }

  async close(): Promise<void> {
    clearInterval(this.#upkeep)
    this.discovery.stop()
    await this.#parts.ledger.save()
  }

  #mayGive(holding: ModelHolding): boolean {
    return this.#parts.uploads.limits.isAllowed && holding.isShared
  }

  /** Where the holding is to be found now. */
  async #tell(holding: ModelHolding): Promise<void> {
    const segments = this.#mayGive(holding) ? await holding.segments() : undefined
    // It may have been closed, or its sharing ended, while its header was read.
    const isHere = this.#shelf.all().includes(holding) && this.#mayGive(holding)
    this.discovery.give(holding.key, isHere ? segments : undefined)
  }

  #keepUp(): void {
    const { ledger, log } = this.#parts
    for (const holding of this.#shelf.all()) void this.#tell(holding)
    ledger.save().catch((thrown: unknown) => {
      log?.warn('the count of bytes exchanged this month is not saved', { why: String(thrown) })
    })
  }
}
