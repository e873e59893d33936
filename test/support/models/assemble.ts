import type { FilePiece } from '#model/gguf-layout.ts'

/** The file that pieces describe, in memory. */
export function assemble(pieces: readonly FilePiece[], source: Buffer): Buffer {
  return Buffer.concat(
    pieces.map((piece) => {
      if (piece.kind === 'bytes') return piece.bytes
      if (piece.kind === 'zeros') return Buffer.alloc(piece.length)
      const { offset, bytes } = piece.range
      return source.subarray(offset, offset + bytes)
    })
  )
}
