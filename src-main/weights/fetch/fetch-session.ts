import type Hypercore from 'hypercore'
import type { ReplicationPeer } from 'hypercore'
import { SkeinError } from '#contract/errors.ts'
import { modelKeySchema, type ModelKey } from '#contract/model.ts'
import type { FetchProgress } from '#contract/weights.ts'
import type { ByteBucket, Clock } from '../byte-bucket.ts'
import type { DiskBudget, Reservation } from '../disk-budget.ts'
import { SpeedEstimate } from '../speed-estimate.ts'
import { bytesOfRun, missingPieces, type BlockRun } from './block-runs.ts'
import { FetchLanes } from './fetch-lanes.ts'
import { FetchPeers } from './fetch-peers.ts'

/** Blocks asked for at once: 2 MiB. */
const pieceBlocks = 32
const tickMs = 500
/** Between two looks at who has what. */
const reviewTicks = 4
const fullDiskMs = 5000
/** Space left to the person whose disk it is. */
const reservedBytes = 256 * 1024 * 1024

export interface FetchParts {
  readonly clock: Clock
  readonly downloads: ByteBucket
  /** On the disk of the store. */
  readonly freeBytes: () => Promise<number>
  readonly budget: DiskBudget
  /** A block came. */
  readonly onBlock: (model: ModelKey, bytes: number) => void
  /** A peer gave a block that is not the one that was asked for. */
  readonly onBadPeer: (peer: ReplicationPeer) => void
  /** How long a peer may keep a request while others deliver, in milliseconds. */
  readonly stallMs: number
}

export interface FetchOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: FetchProgress) => void
}

/** One fetch at work: asks for blocks, many at once and from all who have them, and tells how it goes. Ends with `stop`. */
export class FetchSession {
  readonly core: Hypercore
  readonly #model: ModelKey
  readonly #parts: FetchParts
  readonly #options: FetchOptions
  readonly #peers: FetchPeers
  readonly #speed = new SpeedEstimate()
  readonly #stopped = new AbortController()
  #receivedBytes = 0
  #heldBytes = 0
  #totalBytes = 0
  #isDiskFull = false
  #lanes: FetchLanes | undefined
  #reservation: Reservation | undefined

  constructor(core: Hypercore, parts: FetchParts, options: FetchOptions) {
    this.core = core
    this.#model = modelKeySchema.parse(Buffer.from(core.key).toString('hex'))
    this.#parts = parts
    this.#options = options
    this.#peers = new FetchPeers(core, parts.stallMs)
    core.on('download', this.#onBlock)
    core.on('verification-error', this.#onBadBlock)
    options.signal?.addEventListener('abort', this.#abort, { once: true })
    if (options.signal?.aborted === true) this.#abort()
    void this.#tick()
  }

  /** Resolves when a peer proved how long the core is. Throws `cancelled`. */
  async waitForLength(): Promise<void> {
    await this.#orStopped(
      new Promise<void>((resolve) => {
        const check = (): void => {
          if (this.core.length > 0) resolve()
        }
        this.core.on('append', check)
        check()
        // Asks everybody who is there, and everybody who comes.
        this.core.update({ wait: true }).then(check, check)
      })
    )
  }

  /** Resolves when all these blocks are here. Throws `weights-over-budget` before it asks for any, or `cancelled`. */
  async fetch(runs: readonly BlockRun[]): Promise<void> {
    const bytes = (run: BlockRun): number => bytesOfRun(run, this.core.byteLength)
    const missing = await missingPieces(runs, pieceBlocks, (index) => this.core.has(index))
    this.#totalBytes = sum(runs.map(bytes))
    const missingBytes = sum(missing.map(bytes))
    this.#heldBytes = this.#totalBytes - missingBytes - this.#receivedBytes
    if (missingBytes === 0) return this.#report()
    this.#reservation = await this.#parts.budget.reserve(missingBytes)
    this.#lanes = new FetchLanes(missing, {
      core: this.core,
      countHolders: () => this.#peers.countHolders(),
      askAll: () => this.#peers.askAll(),
      admit: async (piece) => {
        await this.#waitForRoom(bytes(piece))
        await this.#parts.downloads.take(bytes(piece), this.#stopped.signal)
      },
      orStopped: (work) => this.#orStopped(work)
    })
    try {
      await this.#lanes.run()
    } finally {
      this.#reservation.release()
    }
    this.#report()
  }

  stop(): void {
    this.#abort()
    this.#options.signal?.removeEventListener('abort', this.#abort)
    this.core.off('download', this.#onBlock)
    this.core.off('verification-error', this.#onBadBlock)
  }

  async #waitForRoom(bytes: number): Promise<void> {
    while ((await this.#parts.freeBytes()) < bytes + reservedBytes) {
      this.#isDiskFull = true
      this.#report()
      await this.#parts.clock.wait(fullDiskMs, this.#stopped.signal)
      this.#throwIfStopped()
    }
    this.#isDiskFull = false
  }

  async #orStopped<Value>(work: Promise<Value>): Promise<Value> {
    const { signal } = this.#stopped
    this.#throwIfStopped()
    return new Promise<Value>((resolve, reject) => {
      const onAbort = (): void => reject(new SkeinError('cancelled'))
      signal.addEventListener('abort', onAbort, { once: true })
      work
        .then(resolve, (thrown: unknown) => reject(SkeinError.from(thrown, 'weights-unreadable')))
        .finally(() => signal.removeEventListener('abort', onAbort))
    })
  }

  #throwIfStopped(): void {
    if (this.#stopped.signal.aborted) throw new SkeinError('cancelled')
  }

  async #tick(): Promise<void> {
    const { clock } = this.#parts
    for (let tick = 1; !this.#stopped.signal.aborted; tick++) {
      this.#speed.add(clock.now(), this.#receivedBytes)
      this.#peers.tick(clock.now())
      if (tick % reviewTicks === 0) this.#lanes?.review()
      this.#report()
      await clock.wait(tickMs, this.#stopped.signal)
    }
  }

  readonly #abort = (): void => this.#stopped.abort()

  readonly #onBlock = (_index: number, bytes: number, from: ReplicationPeer): void => {
    this.#receivedBytes += bytes
    this.#reservation?.spend(bytes)
    this.#peers.onBlock(from, bytes, this.#parts.clock.now())
    this.#parts.onBlock(this.#model, bytes)
  }

  readonly #onBadBlock = (
    _error: Error,
    _request: unknown,
    _response: unknown,
    from: ReplicationPeer
  ): void => this.#parts.onBadPeer(from)

  #report(): void {
    const doneBytes = Math.min(this.#totalBytes, this.#heldBytes + this.#receivedBytes)
    const bytesPerSecond = this.#speed.perSecond()
    const pace = bytesPerSecond === undefined ? {} : { bytesPerSecond }
    const left = this.#totalBytes - doneBytes
    const end = bytesPerSecond === undefined || bytesPerSecond === 0 || this.#totalBytes === 0
    this.#options.onProgress?.({
      ...this.#state(left),
      doneBytes,
      totalBytes: this.#totalBytes,
      ...pace,
      ...(end ? {} : { secondsLeft: left / bytesPerSecond }),
      peers: this.#peers.report()
    })
  }

  #state(left: number): Pick<FetchProgress, 'state' | 'pausedBy'> {
    if (this.#isDiskFull) return { state: 'paused', pausedBy: 'disk-full' }
    const isDone = this.#totalBytes > 0 && left === 0
    return { state: this.#peers.isAsking || isDone ? 'fetching' : 'searching' }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
