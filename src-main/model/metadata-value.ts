/** GGUF's own numbers for the types of metadata. */
export const scalarTypeIds = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  u64: 10,
  i64: 11,
  f64: 12
} as const

export const arrayTypeId = 9

export type ScalarType = keyof typeof scalarTypeIds

/** Bytes of one value; a string has its length before it instead. */
export const scalarBytes: Readonly<Record<Exclude<ScalarType, 'string'>, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  bool: 1,
  u64: 8,
  i64: 8,
  f64: 8
}

/** Where a value's bytes stand in the file, type tag excluded. */
export interface ByteRange {
  readonly offset: number
  readonly bytes: number
}

export interface ScalarValue {
  readonly type: ScalarType
  /** 64-bit integers are `bigint` only where a number cannot hold them exactly. */
  readonly value: number | bigint | boolean | string
  readonly span: ByteRange
}

export interface ArrayValue {
  readonly type: 'array'
  readonly element: ScalarType
  readonly count: number
  /** Present for numbers and booleans up to `ggufLimits.keptArrayCount`; the rest stays in the file at `span`. */
  readonly values?: readonly (number | bigint | boolean)[]
  readonly span: ByteRange
}

export type MetadataValue = ScalarValue | ArrayValue

const scalarTypesById = new Map<number, ScalarType>(
  Object.entries(scalarTypeIds).flatMap(([name, id]) => (isScalarType(name) ? [[id, name]] : []))
)

function isScalarType(name: string): name is ScalarType {
  return Object.hasOwn(scalarTypeIds, name)
}

export function scalarTypeOf(id: number): ScalarType | undefined {
  return scalarTypesById.get(id)
}
