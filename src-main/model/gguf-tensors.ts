import { SkeinError } from '#contract/errors.ts'
import { ggufLimits } from './gguf-limits.ts'
import { readName } from './gguf-metadata.ts'
import type { HeaderCursor } from './header-cursor.ts'
import { tensorTypeOf, type TensorType } from './tensor-types.ts'

export interface GgufTensor {
  readonly name: string
  readonly type: TensorType
  /** Values per row first, as in ggml: 1 to 4 dimensions, each at least 1. */
  readonly shape: readonly number[]
  /** Offset in the file of the first byte. */
  readonly offset: number
  readonly bytes: number
}

/** Reads the tensor table; `offset` still counts from the start of the data. */
export async function readTensorInfos(
  cursor: HeaderCursor,
  count: number
): Promise<readonly GgufTensor[]> {
  const tensors: GgufTensor[] = []
  const names = new Set<string>()
  for (let index = 0; index < count; index++) {
    const tensor = await readTensorInfo(cursor)
    if (names.has(tensor.name)) throw new SkeinError('gguf-tensor-duplicate', tensor.name)
    names.add(tensor.name)
    tensors.push(tensor)
  }
  return tensors
}

async function readTensorInfo(cursor: HeaderCursor): Promise<GgufTensor> {
  const name = await readName(cursor, ggufLimits.tensorNameBytes, 'tensor name')
  if (!cursor.has(4)) await cursor.fill(4)
  const dimensions = cursor.u32()
  if (dimensions < 1 || dimensions > ggufLimits.dimensions) {
    throw new SkeinError('gguf-tensor-invalid', `${name} has ${dimensions} dimensions`)
  }
  const rest = 8 * dimensions + 4 + 8
  if (!cursor.has(rest)) await cursor.fill(rest)
  const shape = Array.from({ length: dimensions }, () => whole(cursor.u64(), name, 'dimension'))
  const type = knownType(cursor.u32(), name)
  const offset = whole(cursor.u64(), name, 'offset')
  return { name, type, shape, offset, bytes: tensorBytes(name, type, shape) }
}

function whole(value: number | bigint, name: string, what: string): number {
  if (typeof value === 'bigint') throw new SkeinError('gguf-tensor-invalid', `${what} of ${name}`)
  return value
}

function knownType(id: number, name: string): TensorType {
  const type = tensorTypeOf(id)
  if (type === undefined) throw new SkeinError('gguf-type-unknown', `${name} has type ${id}`)
  return type
}

/** Bytes of a tensor's data. Throws `gguf-tensor-invalid` when rows do not hold whole blocks or the product overflows. */
export function tensorBytes(name: string, type: TensorType, shape: readonly number[]): number {
  const [row = 0, ...others] = shape
  if (row % type.blockValues !== 0) {
    throw new SkeinError('gguf-tensor-invalid', `rows of ${name} are no whole ${type.name} blocks`)
  }
  let bytes = (row / type.blockValues) * type.blockBytes
  for (const dimension of others) bytes *= dimension
  // Every dimension is below 2^53, so that a product that ever left the exact range can only come back by a zero.
  if (shape.some((dimension) => dimension < 1) || !Number.isSafeInteger(bytes)) {
    throw new SkeinError('gguf-tensor-invalid', `shape of ${name}: ${shape.join(' x ')}`)
  }
  return bytes
}

/** Values in a tensor. */
export function tensorValues(tensor: GgufTensor): number {
  return (tensor.bytes / tensor.type.blockBytes) * tensor.type.blockValues
}

/** Tensors must be aligned, lie inside the file, and share no byte with one another. */
export function checkPlaces(
  tensors: readonly GgufTensor[],
  dataOffset: number,
  alignment: number,
  fileBytes: number
): void {
  const inOrder = tensors.toSorted((a, b) => a.offset - b.offset)
  let end = dataOffset
  for (const tensor of inOrder) {
    if ((tensor.offset - dataOffset) % alignment !== 0) {
      throw new SkeinError('gguf-tensor-invalid', `${tensor.name} is not aligned`)
    }
    if (tensor.offset < end) throw new SkeinError('gguf-tensor-invalid', `${tensor.name} overlaps`)
    end = tensor.offset + tensor.bytes
    if (end > fileBytes) throw new SkeinError('gguf-truncated', `at ${tensor.name}`)
  }
}
