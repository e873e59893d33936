import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import type { ByteSource } from './byte-source.ts'
import { piecesLength, type FilePiece } from './gguf-layout.ts'
import type { ByteRange } from './metadata-value.ts'

/** Bytes in memory at once while copying. */
const chunkBytes = 1024 * 1024

/** Ends the name of a file that is being written, after the process that writes it. */
const partialName = /^\.(\d+)-[0-9a-f]+\.partial$/

export interface CarveOptions {
  readonly signal?: AbortSignal
  /** Bytes written so far, of the whole file. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface CarvedFile {
  readonly path: string
  readonly bytes: number
}

/**
 * Writes a file out of pieces, some copied from `source`: to a temporary name in the same folder first, so that the file
 * is there whole or not at all, even after a power cut. Throws what reading throws, `model-not-written` or `cancelled`.
 */
export async function writePieces(
  source: ByteSource,
  pieces: readonly FilePiece[],
  targetPath: string,
  options: CarveOptions
): Promise<CarvedFile> {
  const target = resolve(targetPath)
  const temporaryPath = `${target}.${process.pid}-${randomBytes(6).toString('hex')}.partial`
  const bytes = piecesLength(pieces)
  try {
    await removeLeftovers(target)
    const file = await open(temporaryPath, 'wx')
    try {
      await new PieceWriter(source, file, bytes, options).write(pieces)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporaryPath, target)
    await syncFolder(dirname(target))
  } catch (error) {
    await rm(temporaryPath, { force: true })
    throw SkeinError.from(error, 'model-not-written')
  }
  return { path: targetPath, bytes }
}

/** What processes that were killed while writing this file left behind. Others may be writing it now. */
async function removeLeftovers(target: string): Promise<void> {
  const folder = dirname(target)
  const name = basename(target)
  for (const other of await readdir(folder)) {
    const [, writer] = (other.startsWith(name) && partialName.exec(other.slice(name.length))) || []
    if (writer !== undefined && !isAlive(Number(writer))) {
      await rm(join(folder, other), { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Someone else's process is there, but may not be asked.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

class PieceWriter {
  readonly #source: ByteSource
  readonly #file: FileHandle
  readonly #total: number
  readonly #options: CarveOptions
  #at = 0

  constructor(source: ByteSource, file: FileHandle, total: number, options: CarveOptions) {
    this.#source = source
    this.#file = file
    this.#total = total
    this.#options = options
  }

  async write(pieces: readonly FilePiece[]): Promise<void> {
    for (const piece of pieces) {
      if (piece.kind === 'bytes') await this.#append(piece.bytes)
      else if (piece.kind === 'copy') await this.#copy(piece.range)
      else this.#at += piece.length // a hole in the file reads as zeros
    }
    await this.#file.truncate(this.#total)
  }

  async #copy(range: ByteRange): Promise<void> {
    for (let done = 0; done < range.bytes; done += chunkBytes) {
      const length = Math.min(chunkBytes, range.bytes - done)
      await this.#append(await this.#source.read(range.offset + done, length))
    }
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#options.signal?.aborted) throw new SkeinError('cancelled')
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#at)
      done += bytesWritten
      this.#at += bytesWritten
    }
    this.#options.onProgress?.(this.#at, this.#total)
  }
}

/** Makes the new name survive a power cut, where the system can: Windows cannot open folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
