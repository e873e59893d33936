import { scalarTypeIds, type ScalarType } from '#model/metadata-value.ts'

/** A metadata entry of a test file; an array has an element type. Wrong values are allowed: tests want broken files. */
export type BuiltEntry =
  | readonly [key: string, type: ScalarType, value: BuiltScalar]
  | readonly [key: string, type: 'array', element: ScalarType, values: readonly BuiltScalar[]]
type BuiltScalar = number | bigint | boolean | string

export interface BuiltTensor {
  readonly name: string
  readonly typeId: number
  readonly shape: readonly (number | bigint)[]
  /** From the start of the data. */
  readonly offset: number | bigint
}

export interface BuiltHeader {
  readonly version?: number
  readonly metadata: readonly BuiltEntry[]
  readonly tensors: readonly BuiltTensor[]
  readonly alignment?: number
}

/** Encodes a GGUF header, padded to where the data begins. Independent of the product's own writer. */
export function buildHeader(header: BuiltHeader): Buffer {
  const { version = 3, metadata, tensors, alignment = 32 } = header
  const parts = [Buffer.from('GGUF'), number('u32', version)]
  parts.push(number('u64', tensors.length), number('u64', metadata.length))
  for (const entry of metadata) parts.push(encodeEntry(entry))
  for (const tensor of tensors) {
    parts.push(text(tensor.name), number('u32', tensor.shape.length))
    parts.push(...tensor.shape.map((dimension) => number('u64', dimension)))
    parts.push(number('u32', tensor.typeId), number('u64', tensor.offset))
  }
  const bytes = Buffer.concat(parts)
  return Buffer.concat([bytes, Buffer.alloc((alignment - (bytes.length % alignment)) % alignment)])
}

function encodeEntry(entry: BuiltEntry): Buffer {
  if (entry[1] !== 'array') {
    const [key, type, value] = entry
    return Buffer.concat([text(key), number('u32', scalarTypeIds[type]), encodeScalar(type, value)])
  }
  const [key, , element, values] = entry
  const head = [text(key), number('u32', 9), number('u32', scalarTypeIds[element])]
  return Buffer.concat([
    ...head,
    number('u64', values.length),
    ...values.map((value) => encodeScalar(element, value))
  ])
}

function encodeScalar(type: ScalarType, value: BuiltScalar): Buffer {
  if (type === 'string') return text(String(value))
  return number(type, typeof value === 'boolean' ? Number(value) : numeric(value))
}

function numeric(value: BuiltScalar): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  throw new TypeError(`${String(value)} is no number`)
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([number('u64', bytes.length), bytes])
}

function number(type: Exclude<ScalarType, 'string'>, value: number | bigint): Buffer {
  const view = new DataView(new ArrayBuffer(8))
  const bytes = writeNumber(view, type, value)
  return Buffer.from(view.buffer, 0, bytes)
}

function writeNumber(
  view: DataView,
  type: Exclude<ScalarType, 'string'>,
  value: number | bigint
): number {
  switch (type) {
    case 'u8':
    case 'bool':
      view.setUint8(0, Number(value))
      return 1
    case 'i8':
      view.setInt8(0, Number(value))
      return 1
    case 'u16':
      view.setUint16(0, Number(value), true)
      return 2
    case 'i16':
      view.setInt16(0, Number(value), true)
      return 2
    case 'u32':
      view.setUint32(0, Number(value), true)
      return 4
    case 'i32':
      view.setInt32(0, Number(value), true)
      return 4
    case 'f32':
      view.setFloat32(0, Number(value), true)
      return 4
    case 'u64':
      view.setBigUint64(0, BigInt(value), true)
      return 8
    case 'i64':
      view.setBigInt64(0, BigInt(value), true)
      return 8
    case 'f64':
      view.setFloat64(0, Number(value), true)
      return 8
  }
}
