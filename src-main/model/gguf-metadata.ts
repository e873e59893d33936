import { SkeinError } from '#contract/errors.ts'
import { ggufLimits } from './gguf-limits.ts'
import type { HeaderCursor } from './header-cursor.ts'
import {
  arrayTypeId,
  scalarBytes,
  scalarTypeOf,
  type ArrayValue,
  type MetadataValue,
  type ScalarType,
  type ScalarValue
} from './metadata-value.ts'

const printableAscii = /^[\x21-\x7e]+$/

/** Reads `count` metadata entries. Throws `SkeinError` on damage; a key that stands twice is damage. */
export async function readMetadata(
  cursor: HeaderCursor,
  count: number
): Promise<ReadonlyMap<string, MetadataValue>> {
  const metadata = new Map<string, MetadataValue>()
  for (let entry = 0; entry < count; entry++) {
    const key = await readName(cursor, ggufLimits.keyBytes, 'metadata key')
    if (metadata.has(key)) throw new SkeinError('gguf-malformed', `${key} stands twice`)
    metadata.set(key, await readValue(cursor, key))
  }
  return metadata
}

/** A key or tensor name: printable ASCII without spaces, as every converter writes them. */
export async function readName(cursor: HeaderCursor, limit: number, what: string): Promise<string> {
  const name = await readString(cursor, limit, what)
  if (!printableAscii.test(name)) throw new SkeinError('gguf-malformed', `${what} is not a name`)
  return name
}

async function readString(cursor: HeaderCursor, limit: number, what: string): Promise<string> {
  if (!cursor.has(8)) await cursor.fill(8)
  const bytes = cursor.count(limit, what)
  if (!cursor.has(bytes)) await cursor.fill(bytes)
  return cursor.text(bytes)
}

async function readValue(cursor: HeaderCursor, key: string): Promise<MetadataValue> {
  if (!cursor.has(4)) await cursor.fill(4)
  const typeId = cursor.u32()
  return typeId === arrayTypeId
    ? readArray(cursor, key)
    : readScalar(cursor, key, knownType(typeId, key))
}

function knownType(typeId: number, key: string): ScalarType {
  const type = scalarTypeOf(typeId)
  if (type === undefined) throw new SkeinError('gguf-malformed', `${key} has type ${typeId}`)
  return type
}

async function readScalar(
  cursor: HeaderCursor,
  key: string,
  type: ScalarType
): Promise<ScalarValue> {
  const offset = cursor.offset
  const value =
    type === 'string'
      ? await readString(cursor, ggufLimits.stringBytes, key)
      : await readNumber(cursor, key, type)
  return { type, value, span: { offset, bytes: cursor.offset - offset } }
}

async function readNumber(
  cursor: HeaderCursor,
  key: string,
  type: Exclude<ScalarType, 'string'>
): Promise<number | bigint | boolean> {
  if (!cursor.has(8)) await cursor.fill(scalarBytes[type])
  if (type !== 'bool') return cursor[type]()
  const byte = cursor.u8()
  if (byte > 1) throw new SkeinError('gguf-malformed', `${key} is neither true nor false`)
  return byte === 1
}

async function readArray(cursor: HeaderCursor, key: string): Promise<ArrayValue> {
  if (!cursor.has(12)) await cursor.fill(12)
  const offset = cursor.offset
  const element = knownType(cursor.u32(), key)
  const count = cursor.count(ggufLimits.arrayCount, key)
  const values = await readElements(cursor, key, element, count)
  const span = { offset, bytes: cursor.offset - offset }
  return { type: 'array', element, count, ...(values && { values }), span }
}

async function readElements(
  cursor: HeaderCursor,
  key: string,
  element: ScalarType,
  count: number
): Promise<readonly (number | bigint | boolean)[] | undefined> {
  if (element === 'string') {
    await skipStrings(cursor, key, count)
    return undefined
  }
  if (count > ggufLimits.keptArrayCount) {
    cursor.skip(count * scalarBytes[element])
    return undefined
  }
  const values: (number | bigint | boolean)[] = []
  for (let index = 0; index < count; index++) values.push(await readNumber(cursor, key, element))
  return values
}

/** Strings have no fixed size, so their lengths must be walked; none of them is kept. */
async function skipStrings(cursor: HeaderCursor, key: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    if (!cursor.has(8)) await cursor.fill(8)
    cursor.skip(cursor.count(ggufLimits.stringBytes, key))
  }
}
