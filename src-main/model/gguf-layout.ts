import { ggufMagic, alignUp, defaultAlignment } from './gguf.ts'
import { arrayTypeId, scalarTypeIds, type ByteRange, type MetadataValue } from './metadata-value.ts'
import type { TensorType } from './tensor-types.ts'
import { tensorBytes } from './gguf-tensors.ts'

/** A metadata entry to write: a value of ours, or one that is copied as it stands in the source. */
export type MetadataField = { readonly key: string } & (
  | { readonly type: 'u32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'u32s'; readonly value: readonly number[] }
  | { readonly type: 'copy'; readonly value: MetadataValue }
)

/** A tensor to write; its data is copied from the source, or all zero. */
export interface PlannedTensor {
  readonly name: string
  readonly type: TensorType
  readonly shape: readonly number[]
  /** `zeros`: room that llama.cpp asks for and never reads. */
  readonly data: ByteRange | 'zeros'
}

/** A file in pieces, first to last. */
export type FilePiece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'copy'; readonly range: ByteRange }
  | { readonly kind: 'zeros'; readonly length: number }

/** Lays out a GGUF file (version 3, 32-byte alignment, tensors without gaps): the same input gives the same bytes. */
export function layOutGguf(
  metadata: readonly MetadataField[],
  tensors: readonly PlannedTensor[]
): readonly FilePiece[] {
  const pieces = [
    bytesPiece(header(tensors.length, metadata.length)),
    ...metadata.flatMap(fieldPieces),
    ...tensorTable(tensors)
  ]
  pieces.push(paddingAfter(piecesLength(pieces)))
  for (const tensor of tensors) {
    const bytes = bytesOf(tensor)
    pieces.push(
      tensor.data === 'zeros'
        ? { kind: 'zeros', length: bytes }
        : { kind: 'copy', range: tensor.data },
      paddingAfter(bytes)
    )
  }
  return joined(pieces)
}

function pieceLength(piece: FilePiece): number {
  if (piece.kind === 'bytes') return piece.bytes.length
  return piece.kind === 'copy' ? piece.range.bytes : piece.length
}

export function piecesLength(pieces: readonly FilePiece[]): number {
  return pieces.reduce((total, piece) => total + pieceLength(piece), 0)
}

/** Joins neighbours that are bytes, so that a header is one write rather than hundreds. */
function joined(pieces: readonly FilePiece[]): readonly FilePiece[] {
  const result: FilePiece[] = []
  let run: Uint8Array[] = []
  const endRun = (): void => {
    if (run.length > 0) result.push({ kind: 'bytes', bytes: Buffer.concat(run) })
    run = []
  }
  for (const piece of pieces) {
    if (piece.kind === 'bytes') run.push(piece.bytes)
    else if (pieceLength(piece) > 0) {
      endRun()
      result.push(piece)
    }
  }
  endRun()
  return result
}

function bytesOf(tensor: PlannedTensor): number {
  return tensorBytes(tensor.name, tensor.type, tensor.shape)
}

function header(tensorCount: number, metadataCount: number): Buffer {
  const version = 3
  return Buffer.concat([u32(ggufMagic), u32(version), u64(tensorCount), u64(metadataCount)])
}

function fieldPieces(field: MetadataField): readonly FilePiece[] {
  const key = text(field.key)
  if (field.type === 'copy') {
    const { value } = field
    const typeId = value.type === 'array' ? arrayTypeId : scalarTypeIds[value.type]
    return [bytesPiece(key, u32(typeId)), { kind: 'copy', range: value.span }]
  }
  if (field.type === 'u32s') {
    const head = [u32(arrayTypeId), u32(scalarTypeIds.u32), u64(field.value.length)]
    return [bytesPiece(key, ...head, ...field.value.map(u32))]
  }
  return [bytesPiece(key, u32(scalarTypeIds[field.type]), scalar(field))]
}

function scalar(field: Exclude<MetadataField, { type: 'copy' | 'u32s' }>): Buffer {
  switch (field.type) {
    case 'u32':
      return u32(field.value)
    case 'f32':
      return f32(field.value)
    case 'bool':
      return Buffer.of(field.value ? 1 : 0)
    case 'string':
      return text(field.value)
  }
}

function tensorTable(tensors: readonly PlannedTensor[]): readonly FilePiece[] {
  let offset = 0
  return tensors.map((tensor) => {
    const shape = [u32(tensor.shape.length), ...tensor.shape.map(u64)]
    const entry = bytesPiece(text(tensor.name), ...shape, u32(tensor.type.id), u64(offset))
    offset = alignUp(offset + bytesOf(tensor), defaultAlignment)
    return entry
  })
}

function paddingAfter(length: number): FilePiece {
  return { kind: 'zeros', length: alignUp(length, defaultAlignment) - length }
}

function bytesPiece(...parts: readonly Buffer[]): FilePiece {
  return { kind: 'bytes', bytes: Buffer.concat(parts) }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([u64(bytes.length), bytes])
}
