import { readFile } from 'node:fs/promises'
import { readGguf, type Gguf } from '#model/gguf.ts'
import { MemorySource } from './memory-source.ts'

export interface ModelInMemory {
  readonly bytes: Buffer
  readonly source: MemorySource
  readonly gguf: Gguf
}

export async function readModel(bytes: Buffer): Promise<ModelInMemory> {
  const gguf = await readGguf(new MemorySource(bytes))
  return { bytes, source: new MemorySource(bytes), gguf }
}

export async function readModelFile(path: string): Promise<ModelInMemory> {
  return readModel(await readFile(path))
}

/** The bytes of each tensor, by name. */
export function tensorContents({ bytes, gguf }: ModelInMemory): ReadonlyMap<string, Buffer> {
  return new Map(
    gguf.tensors.map(({ name, offset, bytes: length }) => [
      name,
      bytes.subarray(offset, offset + length)
    ])
  )
}

/** Scalars by their values, arrays by their kept values. */
export function metadataValues(gguf: Gguf): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...gguf.metadata].map(([key, value]) => [
      key,
      value.type === 'array' ? (value.values ?? `${value.count} of ${value.element}`) : value.value
    ])
  )
}
