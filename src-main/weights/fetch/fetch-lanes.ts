import type Hypercore from 'hypercore'
import type { BlockRun } from './block-runs.ts'
import { PieceOrder, type CountHolders } from './piece-order.ts'

/** Pieces on their way at once: 32 MiB keep several fast peers busy. */
const lanes = 16

export interface LaneParts {
  readonly core: Pick<Hypercore, 'download'>
  readonly countHolders: () => CountHolders
  /** Asks everybody for as much as may be on its way. Hypercore (11.37.1) asks for one block of a new range, and for more when that came. */
  readonly askAll: () => void
  /** Resolves when a piece may be asked for. */
  readonly admit: (piece: BlockRun) => Promise<void>
  /** The same promise, which also rejects when the fetch stops. */
  readonly orStopped: <Value>(work: Promise<Value>) => Promise<Value>
}

interface Lane {
  readonly piece: BlockRun
  readonly giveUp: () => void
}

/** Asks for pieces, several at once, until all are here. */
export class FetchLanes {
  readonly #parts: LaneParts
  readonly #order: PieceOrder
  readonly #busy = new Set<Lane>()

  constructor(pieces: readonly BlockRun[], parts: LaneParts) {
    this.#parts = parts
    this.#order = new PieceOrder(pieces)
  }

  /** Resolves when every piece is here. Throws what `admit` and `orStopped` throw. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: lanes }, () => this.#fetchPieces()))
  }

  /** To be called now and then: looks who has what by now, and takes no lane for what nobody has while others have something. */
  review(): void {
    const count = this.#parts.countHolders()
    this.#order.compare(count)
    if (!this.#order.hasHeld(count)) return
    for (const { piece, giveUp } of this.#busy) if (count(piece) === 0) giveUp()
  }

  async #fetchPieces(): Promise<void> {
    for (;;) {
      const piece = this.#order.take(this.#parts.countHolders())
      if (piece === undefined) return
      await this.#parts.admit(piece)
      if (!(await this.#fetchPiece(piece))) this.#order.putBack(piece)
    }
  }

  /** Resolves to whether it is here; otherwise it was given up. */
  async #fetchPiece(piece: BlockRun): Promise<boolean> {
    const { promise: givenUp, resolve } = Promise.withResolvers<false>()
    const lane = { piece, giveUp: () => resolve(false) }
    const download = this.#parts.core.download({ ...piece, linear: true })
    this.#busy.add(lane)
    this.#parts.askAll()
    try {
      const done = download.done().then(() => true)
      return await this.#parts.orStopped(Promise.race([done, givenUp]))
    } finally {
      this.#busy.delete(lane)
      download.destroy()
    }
  }
}
