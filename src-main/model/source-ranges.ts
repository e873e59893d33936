import type { Gguf } from './gguf.ts'
import type { FilePiece } from './gguf-layout.ts'
import type { ByteRange } from './metadata-value.ts'

/** The bytes of a file that carved pieces are made of, its header first: what a peer must fetch to carve them. */
export function sourceRanges(gguf: Gguf, pieces: readonly FilePiece[]): readonly ByteRange[] {
  const header = { offset: 0, bytes: gguf.dataOffset }
  const copies = pieces
    .flatMap((piece) => (piece.kind === 'copy' ? [piece.range] : []))
    .filter(({ offset }) => offset >= gguf.dataOffset)
    .toSorted((a, b) => a.offset - b.offset)
  return mergeTouching([header, ...copies])
}

function mergeTouching(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: ByteRange[] = []
  for (const range of ranges) {
    const last = merged.at(-1)
    if (last !== undefined && last.offset + last.bytes === range.offset) {
      merged[merged.length - 1] = { offset: last.offset, bytes: last.bytes + range.bytes }
    } else {
      merged.push(range)
    }
  }
  return merged
}
