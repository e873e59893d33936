import { open, type FileHandle } from 'node:fs/promises'
import { SkeinError } from '#contract/errors.ts'

/** Bytes that can be read anywhere: a local file, or blocks that arrive from peers. */
export interface ByteSource {
  /** Length in bytes; does not change while open. */
  readonly size: number
  /**
   * Reads exactly `length` bytes from `offset`. Throws `gguf-truncated` when the source ends before, and
   * `model-unreadable` when the bytes cannot be had.
   */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Opens a file for reading. Throws `model-not-found` or `model-unreadable`. */
export async function openFileSource(path: string): Promise<ByteSource> {
  const handle = await openForReading(path)
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw new SkeinError('model-not-found', `${path} is not a file`)
    return new FileSource(handle, stats.size)
  } catch (error) {
    await handle.close()
    throw SkeinError.from(error, 'model-unreadable')
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw SkeinError.from(error, isMissing ? 'model-not-found' : 'model-unreadable')
  }
}

class FileSource implements ByteSource {
  readonly size: number
  readonly #handle: FileHandle

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle
    this.size = size
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset + length > this.size) throw new SkeinError('gguf-truncated')
    const bytes = new Uint8Array(length)
    for (let done = 0; done < length;) {
      const bytesRead = await this.#readInto(bytes, done, offset + done)
      if (bytesRead === 0) throw new SkeinError('gguf-truncated', 'the file became shorter')
      done += bytesRead
    }
    return bytes
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async #readInto(bytes: Uint8Array, at: number, position: number): Promise<number> {
    try {
      return (await this.#handle.read(bytes, at, bytes.length - at, position)).bytesRead
    } catch (error) {
      throw SkeinError.from(error, 'model-unreadable')
    }
  }
}
