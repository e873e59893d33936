import type { ModelKey } from '#contract/model.ts'
import type { StoredFile } from '#contract/weights.ts'
import type { Gguf } from '#model/gguf.ts'
import type { ByteRange } from '#model/metadata-value.ts'
import type { FileKind } from './file-kind.ts'
import { fetchModel } from './fetch/fetch-model.ts'
import { bytesOfPart, segmentsOfPart, type FetchPart } from './fetch/fetch-part.ts'
import type { FetchOptions, FetchParts } from './fetch/fetch-session.ts'
import type { ModelHolding } from './model-holding.ts'
import { freshRecord, type ModelRecords } from './model-record.ts'
import type { PeerExchange } from './peer-exchange.ts'
import { RunningFetches } from './running-fetches.ts'
import type { Shelf } from './shelf.ts'
import type { UsageLedger } from './usage-ledger.ts'

export interface StoreFetchesParts {
  readonly shelf: Shelf
  readonly exchange: PeerExchange
  readonly records: ModelRecords
  readonly ledger: UsageLedger
  readonly fetching: FetchParts
  /** Puts a model on the shelf of which only the key is known. */
  readonly open: (key: ModelKey) => Promise<void>
  /** Deletes everything of a model. */
  readonly discard: (holding: ModelHolding) => Promise<void>
}

/** The fetches of a store: what comes goes onto its shelf, and what never came to anything leaves no trace there. */
export class StoreFetches {
  readonly #parts: StoreFetchesParts
  readonly #running = new RunningFetches()
  readonly #opening = new Map<ModelKey, Promise<void>>()
  readonly #ending = new Set<Promise<unknown>>()

  constructor(parts: StoreFetchesParts) {
    this.#parts = parts
  }

  /** Throws what `fetchModel` throws. */
  run(key: ModelKey, kind: FileKind, part: FetchPart, options: FetchOptions): Promise<StoredFile> {
    const fetched = this.#run(key, kind, part, options)
    const ended: Promise<unknown> = fetched
      .catch(() => undefined)
      .finally(() => this.#ending.delete(ended))
    this.#ending.add(ended)
    return fetched
  }

  async #run(
    key: ModelKey,
    kind: FileKind,
    part: FetchPart,
    options: FetchOptions
  ): Promise<StoredFile> {
    try {
      return await this.#running.run(key, options.signal, (signal) =>
        this.#fetch(key, kind, part, { ...options, signal })
      )
    } finally {
      await this.#forgetUnknown(key)
    }
  }

  /** Resolves when no fetch of this model is at work any more. */
  stop(key: ModelKey): Promise<void> {
    return this.#running.stop(key)
  }

  /** Resolves when no fetch is at work any more, nor tidies up behind itself. */
  async stopAll(): Promise<void> {
    await this.#running.stopAll()
    await Promise.all(this.#ending)
  }

  async #fetch(
    key: ModelKey,
    kind: FileKind,
    part: FetchPart,
    options: FetchOptions
  ): Promise<StoredFile> {
    await this.#openUnknown(key)
    const holding = this.#parts.shelf.require(key)
    const seeking = this.#parts.exchange.discovery.seek(key)
    const wanted = async (gguf: Gguf): Promise<readonly ByteRange[]> => {
      await this.#describe(holding, kind, gguf)
      const ranges = bytesOfPart(gguf, part, kind.layersOf)
      seeking.narrow(segmentsOfPart(holding.record, part))
      return ranges
    }
    const core = await holding.openForFetching()
    try {
      await fetchModel(core, wanted, this.#parts.fetching, options)
      return await this.#parts.shelf.file(key)
    } finally {
      seeking.end()
      await core.close()
      this.#parts.exchange.offer(holding)
      await this.#parts.ledger.save()
    }
  }

  /** A fetch that ended before the header came leaves nothing behind. */
  async #forgetUnknown(key: ModelKey): Promise<void> {
    const holding = this.#parts.shelf.find(key)
    if (holding === undefined || holding.record !== undefined) return
    if (!this.#running.isRunning(key)) await this.#parts.discard(holding)
  }

  /** Two fetches of a model that is not here yet share one opening of it. */
  async #openUnknown(key: ModelKey): Promise<void> {
    if (this.#parts.shelf.has(key)) return
    const opening = this.#opening.get(key) ?? this.#parts.open(key)
    this.#opening.set(key, opening)
    try {
      await opening
    } finally {
      this.#opening.delete(key)
    }
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
}
