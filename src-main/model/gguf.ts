import { SkeinError } from '#contract/errors.ts'
import type { ByteSource } from './byte-source.ts'
import { ggufLimits } from './gguf-limits.ts'
import { readMetadata } from './gguf-metadata.ts'
import { checkPlaces, readTensorInfos, type GgufTensor } from './gguf-tensors.ts'
import { HeaderCursor } from './header-cursor.ts'
import type { MetadataValue } from './metadata-value.ts'

export type { GgufTensor } from './gguf-tensors.ts'

export const ggufMagic = 0x4655_4747 // "GGUF", little-endian
export const defaultAlignment = 32
const leastHeaderBytes = 24

/** The header of a GGUF file, checked as far as it can be without knowing the architecture. */
export interface Gguf {
  readonly version: number
  /** Every tensor's data begins at a multiple of this, counted from `dataOffset`. */
  readonly alignment: number
  readonly metadata: ReadonlyMap<string, MetadataValue>
  /** Inside the file, none overlapping another; in the file's order. */
  readonly tensors: readonly GgufTensor[]
  /** Where the tensors' data begins: the length of the header. */
  readonly dataOffset: number
  /** Length of the whole file in bytes. */
  readonly bytes: number
}

/**
 * Reads and checks a GGUF header (version 2 or 3, little-endian) without reading the tensors' data. Memory and work
 * are bounded by `ggufLimits`, whatever the file claims. Throws `SkeinError` with a `gguf-*` code.
 */
export async function readGguf(source: ByteSource): Promise<Gguf> {
  const cursor = new HeaderCursor(source)
  if (source.size < leastHeaderBytes) await refuseShortFile(source)
  await cursor.fill(leastHeaderBytes)
  if (cursor.u32() !== ggufMagic) throw new SkeinError('gguf-not-gguf')
  const version = cursor.u32()
  if (version !== 2 && version !== 3) {
    throw new SkeinError('gguf-version-unsupported', `version ${version}`)
  }
  const tensorCount = cursor.count(ggufLimits.tensors, 'number of tensors')
  const metadataCount = cursor.count(ggufLimits.metadataEntries, 'number of metadata entries')

  const metadata = await readMetadata(cursor, metadataCount)
  const alignment = alignmentOf(metadata)
  const infos = await readTensorInfos(cursor, tensorCount)
  const dataOffset = alignUp(cursor.offset, alignment)
  const tensors = infos.map((info) => ({ ...info, offset: dataOffset + info.offset }))
  checkPlaces(tensors, dataOffset, alignment, source.size)
  return { version, alignment, metadata, tensors, dataOffset, bytes: source.size }
}

export function alignUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment
}

/** Too short for any header: say whether it is a GGUF file at all. */
async function refuseShortFile(source: ByteSource): Promise<never> {
  const start = await source.read(0, Math.min(4, source.size))
  const isGguf = new TextDecoder().decode(start) === 'GGUF'
  throw new SkeinError(isGguf ? 'gguf-truncated' : 'gguf-not-gguf')
}

function alignmentOf(metadata: ReadonlyMap<string, MetadataValue>): number {
  const entry = metadata.get('general.alignment')
  if (entry === undefined) return defaultAlignment
  const alignment = entry.type === 'u32' ? entry.value : undefined
  const isPowerOfTwo =
    typeof alignment === 'number' && alignment > 0 && (alignment & (alignment - 1)) === 0
  // Less than 8 would leave float32 data on odd addresses.
  if (!isPowerOfTwo || alignment < 8 || alignment > ggufLimits.alignment) {
    throw new SkeinError('gguf-malformed', 'general.alignment')
  }
  return alignment
}
