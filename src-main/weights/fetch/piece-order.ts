import type { BlockRun } from './block-runs.ts'

/** Pieces that are compared at once, 8 GiB of them: comparing all of a huge model again and again would cost more than it gives. */
const comparedPieces = 4096

/** How many of those who are here now have all of a piece. */
export type CountHolders = (piece: BlockRun) => number

/**
 * In which order pieces are asked for: those first that the fewest peers have, since their holders may leave; among equally rare ones
 * in the order of the model. Pieces that nobody has come last.
 */
export class PieceOrder {
  /** In the order of the model. */
  #waiting: BlockRun[]
  /** The next ones, best last. */
  #next: BlockRun[] = []

  constructor(pieces: readonly BlockRun[]) {
    this.#waiting = [...pieces]
  }

  /** Takes the next piece; `undefined` when none waits. */
  take(count: CountHolders): BlockRun | undefined {
    if (this.#next.length === 0) this.compare(count)
    return this.#next.pop()
  }

  /** A piece that was taken, and is to wait again. */
  putBack(piece: BlockRun): void {
    this.#waiting.push(piece)
  }

  /** Looks anew at who has what: to be called now and then, and when peers came or went. */
  compare(count: CountHolders): void {
    const all = [...this.#waiting, ...this.#next].toSorted((a, b) => a.start - b.start)
    this.#waiting = all.slice(comparedPieces)
    const ranked = all.slice(0, comparedPieces).map((piece) => {
      const holders = count(piece)
      return { piece, rank: holders === 0 ? Infinity : holders }
    })
    this.#next = ranked.toSorted((a, b) => a.rank - b.rank).map(({ piece }) => piece)
    this.#next.reverse()
  }

  /** Whether somebody has a piece that waits. Says so of the ones that were compared. */
  hasHeld(count: CountHolders): boolean {
    const best = this.#next.at(-1)
    return best !== undefined && count(best) > 0
  }
}
