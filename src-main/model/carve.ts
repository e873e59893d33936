import { randomBytes } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import type { ByteSource } from './byte-source.ts'
import { planRange, planVocabulary } from './carve-plan.ts'
import { checkTokens } from './check-tokens.ts'
import type { Gguf } from './gguf.ts'
import { piecesLength, type FilePiece } from './gguf-layout.ts'
import type { ByteRange } from './metadata-value.ts'

export { rangesOf } from './carve-plan.ts'

/** Bytes in memory at once while copying. */
const chunkBytes = 1024 * 1024

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
 * Writes the layers of `range` as a GGUF file of its own, made of checked tensors and known metadata only. Reads no more
 * than the range needs; the file appears at `targetPath` whole or not at all. Throws what `planRange` throws,
 * `model-unreadable`, `gguf-truncated`, `model-not-written`, or `cancelled`.
 */
export async function carveRange(
  source: ByteSource,
  gguf: Gguf,
  range: LayerRange,
  targetPath: string,
  options: CarveOptions = {}
): Promise<CarvedFile> {
  return writePieces(source, planRange(gguf, range), targetPath, options)
}

/**
 * Writes the model's tokenizer without tensors: all that llama.cpp needs to load a vocabulary only. Throws
 * `gguf-malformed` for a tokenizer that llama.cpp would abort on, and what `carveRange` throws.
 */
export async function carveVocabulary(
  source: ByteSource,
  gguf: Gguf,
  targetPath: string,
  options: CarveOptions = {}
): Promise<CarvedFile> {
  const pieces = planVocabulary(gguf)
  await checkTokens(source, gguf)
  return writePieces(source, pieces, targetPath, options)
}

async function writePieces(
  source: ByteSource,
  pieces: readonly FilePiece[],
  targetPath: string,
  options: CarveOptions
): Promise<CarvedFile> {
  const temporaryPath = `${targetPath}.${randomBytes(6).toString('hex')}.partial`
  const bytes = piecesLength(pieces)
  try {
    const file = await open(temporaryPath, 'wx')
    try {
      await new PieceWriter(source, file, bytes, options).write(pieces)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporaryPath, targetPath)
    await syncFolder(dirname(targetPath))
  } catch (error) {
    await rm(temporaryPath, { force: true })
    throw SkeinError.from(error, 'model-not-written')
  }
  return { path: targetPath, bytes }
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
