import path from 'node:path'
import { SkeinError, type ErrorCode } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import { isOver, type Transfer, type TransferTask } from '#contract/transfers.ts'
import type { StoredFile } from '#contract/weights.ts'
import { watchValue } from '../watch-value.ts'
import { KeptTransfers, type KeptTransfer } from './kept-transfers.ts'
import { forgetTransfer, runTransfer, transferId } from './run-transfer.ts'
import type { StoreAccess } from './store-access.ts'

/** Before another try after something that may pass by itself. */
const retryMs = 30_000
/** Transfers that came to their end, and can still be asked about. */
const mostOver = 50
const maybeTransient: ReadonlySet<ErrorCode> = new Set(['disk-full', 'weights-in-use'])

export interface TransfersOptions {
  readonly access: StoreAccess
  /** Something that `list` tells has changed. */
  readonly onChange?: () => void
  /** A model came, or more became known of one. */
  readonly onModel?: () => Promise<void>
  readonly log?: Logger
}

interface Entry {
  transfer: Transfer
  token?: string
  /** While it is at work. */
  stop?: AbortController
  working?: Promise<void>
  retry?: NodeJS.Timeout
}

/** Everything that brings models onto this computer: at work, paused or failed. The list outlives the process. */
export class Transfers {
  readonly #options: TransfersOptions
  readonly #kept: KeptTransfers
  readonly #entries = new Map<string, Entry>()
  /** The last ones that came to their end. */
  readonly #over = new Map<string, Entry>()
  readonly #listeners = new Set<() => void>()
  #isClosed = false

  constructor(options: TransfersOptions) {
    this.#options = options
    this.#kept = new KeptTransfers(options.access.folder, options.log)
  }

  /** Where downloads are kept. */
  get downloads(): string {
    return path.join(this.#options.access.folder, 'files')
  }

  /** What an earlier process left; to be called once the store is open. With `isOwner`, what was at work then goes on. */
  takeUp(isOwner: boolean): void {
    for (const { task, state } of this.#kept.read()) {
      const id = transferId(task)
      if (this.#entries.has(id)) continue
      const isPaused = state === 'paused'
      const entry: Entry = { transfer: { id, task, state: isPaused ? state : 'waiting' } }
      this.#entries.set(id, entry)
      if (!isPaused && isOwner) this.#begin(entry)
    }
    this.#save()
    this.#changed()
  }

  list(): readonly Transfer[] {
    return [...this.#entries.values()].map(({ transfer }) => transfer)
  }

  /** Begins a task, or goes on with it. `token`: of the person's account at Hugging Face; kept in memory only. */
  start(task: TransferTask, token?: string): Transfer {
    const id = transferId(task)
    const entry: Entry = this.#entries.get(id) ?? { transfer: { id, task, state: 'running' } }
    if (token !== undefined) entry.token = token
    // The same file may be asked for in another way: for another model, from another mirror.
    if (entry.stop === undefined) entry.transfer = { ...entry.transfer, task }
    this.#entries.set(id, entry)
    this.#begin(entry)
    return entry.transfer
  }

  /** Throws `transfer-unknown`. */
  resume(id: string): Transfer {
    const entry = this.#require(id)
    if (!isOver(entry.transfer)) this.#begin(entry)
    return entry.transfer
  }

  /** Resolves when it has stopped, or has come to its end meanwhile. Throws `transfer-unknown`. */
  async pause(id: string): Promise<Transfer> {
    const entry = this.#require(id)
    if (isOver(entry.transfer)) return entry.transfer
    await this.#halt(entry)
    if (!isOver(entry.transfer)) this.#become(entry, { state: 'paused' })
    return entry.transfer
  }

  /** Throws `transfer-unknown`, and what forgetting throws. */
  async cancel(id: string): Promise<Transfer> {
    const entry = this.#require(id)
    await this.#halt(entry)
    if (isOver(entry.transfer)) return entry.transfer
    const store = await this.#options.access.require()
    await forgetTransfer(entry.transfer.task, { store, downloads: this.downloads })
    this.#become(entry, { state: 'cancelled' })
    return entry.transfer
  }

  /** How it is now, then each change, until it is over. Throws `transfer-unknown`. */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<Transfer, void> {
    const entry = this.#require(id)
    const subscribe = (listener: () => void): (() => void) => {
      this.#listeners.add(listener)
      return () => this.#listeners.delete(listener)
    }
    for await (const transfer of watchValue(() => entry.transfer, subscribe, signal)) {
      yield transfer
      if (isOver(transfer)) return
    }
  }

  /** What a transfer brings. Throws why it failed; `cancelled` when it was, or when `signal` aborts. */
  async finished({ id, ...rest }: Transfer, signal: AbortSignal): Promise<StoredFile> {
    if (rest.model !== undefined) return rest.model
    for await (const { state, model, error } of this.watch(id, signal)) {
      if (model !== undefined) return model
      if (state === 'failed')
        throw error === undefined ? new SkeinError('internal') : SkeinError.fromValue(error)
    }
    throw new SkeinError('cancelled')
  }

  /** Stops everything; what was at work goes on with the next process. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#entries.values()].map((entry) => this.#halt(entry)))
  }

  #begin(entry: Entry): void {
    if (entry.stop !== undefined || this.#isClosed) return
    clearTimeout(entry.retry)
    const stop = new AbortController()
    entry.stop = stop
    this.#become(entry, { state: 'running' })
    entry.working = this.#work(entry, stop.signal).finally(() => delete entry.stop)
  }

  async #work(entry: Entry, signal: AbortSignal): Promise<void> {
    const { access, onModel } = this.#options
    let isKnown = false
    try {
      const store = await access.require()
      const model = await runTransfer(entry.transfer.task, {
        store,
        downloads: this.downloads,
        token: entry.token,
        signal,
        onProgress: (progress) => {
          if (signal.aborted) return
          entry.transfer = { ...entry.transfer, progress }
          this.#changed()
          // The first figures of a fetch come with the header.
          if (isKnown || progress.totalBytes === 0) return
          isKnown = true
          void onModel?.()
        }
      })
      await onModel?.()
      this.#become(entry, { state: 'done', model })
    } catch (thrown) {
      if (!signal.aborted) this.#failed(entry, SkeinError.from(thrown))
    }
  }

  #failed(entry: Entry, error: SkeinError): void {
    const { code } = error
    this.#options.log?.warn('a model did not come', { code, detail: error.detail })
    const state = maybeTransient.has(code) ? 'waiting' : 'failed'
    this.#become(entry, { state, error: error.toValue() })
    if (state === 'failed') return
    entry.retry = setTimeout(() => this.#begin(entry), retryMs)
    entry.retry.unref()
  }

  async #halt(entry: Entry): Promise<void> {
    clearTimeout(entry.retry)
    entry.stop?.abort()
    await entry.working
  }

  #become(entry: Entry, change: Pick<Transfer, 'state' | 'error' | 'model'>): void {
    const { id, task, progress } = entry.transfer
    entry.transfer = { id, task, ...(progress === undefined ? {} : { progress }), ...change }
    if (isOver(entry.transfer)) this.#retire(id, entry)
    this.#save()
    this.#changed()
  }

  /** The list belongs to whoever has the store open. */
  #save(): void {
    if (this.#options.access.store !== undefined) this.#kept.write(this.list().flatMap(keptOf))
  }

  /** Whoever began it may not have asked yet how it went. */
  #retire(id: string, entry: Entry): void {
    this.#entries.delete(id)
    this.#over.delete(id)
    this.#over.set(id, entry)
    const [oldest] = this.#over.keys()
    if (this.#over.size > mostOver && oldest !== undefined) this.#over.delete(oldest)
  }

  #require(id: string): Entry {
    const entry = this.#entries.get(id) ?? this.#over.get(id)
    if (entry === undefined) throw new SkeinError('transfer-unknown', id)
    return entry
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
    this.#options.onChange?.()
  }
}

function keptOf({ task, state }: Transfer): KeptTransfer[] {
  const isKept = state === 'running' || state === 'waiting' || state === 'paused'
  return isKept ? [{ task, state }] : []
}
