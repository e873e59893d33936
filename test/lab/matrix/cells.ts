import { SkeinError } from '#contract/errors.ts'

/** Round trips of every link, in milliseconds: one city, one continent, two continents. */
const roundTrips = [5, 40, 120] as const
const chainLengths = [2, 3, 4] as const
/**
 * What happens to one stage in the middle of an answer. `slow`: all its links get ten times their round trip. `leave`: it quits in an
 * orderly way. `alone`: it is killed, and nobody has its layers loaded, but another peer has them on disk.
 */
const faults = ['kill', 'freeze', 'cut', 'slow', 'leave', 'alone'] as const
export type Fault = (typeof faults)[number]

export interface Cell {
  readonly roundTripMillis: number
  readonly stages: number
  readonly fault: Fault
}

export const allCells: readonly Cell[] = roundTrips.flatMap((roundTripMillis) =>
  chainLengths.flatMap((stages) => faults.map((fault) => ({ roundTripMillis, stages, fault })))
)

export function cellName({ roundTripMillis, stages, fault }: Cell): string {
  return `${roundTripMillis}ms/${stages}/${fault}`
}

/**
 * The cells whose names have all words of one of the filters: `40ms`, `kill`, `40ms/3/kill`, `3/cut,5ms/2`. All of them without a filter.
 * Throws `invalid-input` where a filter fits none.
 */
export function cellsFor(filter: string | undefined): readonly Cell[] {
  if (filter === undefined) return allCells
  const wanted = filter.split(',').map((words) => words.trim().split('/'))
  for (const words of wanted) {
    if (!allCells.some((cell) => fits(cell, words))) {
      throw new SkeinError('invalid-input', `no cell has ${words.join('/')}`)
    }
  }
  return allCells.filter((cell) => wanted.some((words) => fits(cell, words)))
}

function fits(cell: Cell, words: readonly string[]): boolean {
  const parts = cellName(cell).split('/')
  return words.every((word) => parts.includes(word))
}
