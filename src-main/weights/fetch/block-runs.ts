import type { ByteRange } from '#model/metadata-value.ts'
import { blockBytes, blockLength, blocksOf } from '../block-size.ts'

/** Blocks `[start, end)`. */
export interface BlockRun {
  readonly start: number
  readonly end: number
}

/** The blocks that hold these bytes; ranges ascend. A block that two ranges share counts once. */
export function runsOf(ranges: readonly ByteRange[]): BlockRun[] {
  const runs: BlockRun[] = []
  for (const { offset, bytes } of ranges) {
    if (bytes === 0) continue
    const start = Math.floor(offset / blockBytes)
    const end = blocksOf(offset + bytes)
    const last = runs.at(-1)
    if (last !== undefined && start <= last.end) {
      runs[runs.length - 1] = { start: last.start, end: Math.max(last.end, end) }
    } else runs.push({ start, end })
  }
  return runs
}

export function bytesOfRun({ start, end }: BlockRun, modelBytes: number): number {
  return (end - start - 1) * blockBytes + blockLength(end - 1, modelBytes)
}

/** The parts of `runs` that are not here yet, in pieces of at most `length` blocks. */
export async function missingPieces(
  runs: readonly BlockRun[],
  length: number,
  has: (index: number) => Promise<boolean>
): Promise<BlockRun[]> {
  const pieces: BlockRun[] = []
  for (const { start, end } of runs) {
    for (let index = start; index < end; index++) {
      if (await has(index)) continue
      const last = pieces.at(-1)
      const grows = last !== undefined && last.end === index && index - last.start < length
      if (grows) pieces[pieces.length - 1] = { start: last.start, end: index + 1 }
      else pieces.push({ start: index, end: index + 1 })
    }
  }
  return pieces
}
