import { createHash } from 'node:crypto'
import { open, readFile, rm, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { fileIdentitySchema, isSame, type FileIdentity } from './file-identity.ts'
import { isMissing, storeFault } from './store-fault.ts'
import { writeWhole } from './write-whole.ts'

/** Bytes of one block's hash. */
const hashBytes = 32
/** Hashes written and made to last at once: 64 MiB of the model. */
const defaultCheckpoint = 1024

const journalSchema = z.object({ version: z.literal(1), file: fileIdentitySchema })

/**
 * How far an import came: the hashes of the blocks read so far, on disk. After a crash the import goes on behind them. The last
 * checkpoint may have been half written by a power cut, so it is read again.
 */
export class ImportJournal {
  readonly #headerFile: string
  readonly #hashesFile: string
  readonly #checkpoint: number

  constructor(folder: string, modelPath: string, hashesPerCheckpoint = defaultCheckpoint) {
    this.#checkpoint = hashesPerCheckpoint
    const id = createHash('sha256').update(modelPath).digest('hex').slice(0, 32)
    this.#headerFile = path.join(folder, `${id}.json`)
    this.#hashesFile = path.join(folder, `${id}.hashes`)
  }

  /** Blocks that need not be read again; 0 for a file that was never begun, or changed since. */
  async resume(file: FileIdentity): Promise<number> {
    const known = await this.#readHeader()
    if (known === undefined || !isSame(known, file)) {
      await this.remove()
      await writeWhole(this.#headerFile, JSON.stringify({ version: 1, file }))
      return 0
    }
    const hashes = Math.floor((await this.#hashesLength()) / hashBytes)
    const whole = Math.floor(hashes / this.#checkpoint) - 1
    return Math.max(0, whole * this.#checkpoint)
  }

  /** Opens the hashes for appending behind the first `blocks`. */
  async append(blocks: number): Promise<HashWriter> {
    try {
      const file = await open(this.#hashesFile, blocks === 0 ? 'w' : 'r+', 0o600)
      await file.truncate(blocks * hashBytes)
      return new HashWriter(file, blocks, this.#checkpoint)
    } catch (thrown) {
      throw storeFault(thrown)
    }
  }

  /** The hashes of the first `blocks` blocks, in order. Throws `weights-unreadable`. */
  async *hashes(blocks: number): AsyncGenerator<Uint8Array, void> {
    const file = await open(this.#hashesFile, 'r').catch((thrown: unknown) => {
      throw storeFault(thrown)
    })
    try {
      for (let at = 0; at < blocks; at += this.#checkpoint) {
        const count = Math.min(this.#checkpoint, blocks - at)
        const bytes = Buffer.alloc(count * hashBytes)
        const { bytesRead } = await file.read(bytes, 0, bytes.length, at * hashBytes)
        if (bytesRead < bytes.length) throw storeFault(new Error('hashes are missing'))
        for (let i = 0; i < count; i++) yield bytes.subarray(i * hashBytes, (i + 1) * hashBytes)
      }
    } finally {
      await file.close()
    }
  }

  async remove(): Promise<void> {
    await rm(this.#headerFile, { force: true })
    await rm(this.#hashesFile, { force: true })
  }

  async #readHeader(): Promise<FileIdentity | undefined> {
    try {
      return journalSchema.parse(JSON.parse(await readFile(this.#headerFile, 'utf8'))).file
    } catch {
      // Never begun, or cut off while it was written: begin again.
      return undefined
    }
  }

  async #hashesLength(): Promise<number> {
    try {
      const file = await open(this.#hashesFile, 'r')
      try {
        return (await file.stat()).size
      } finally {
        await file.close()
      }
    } catch (thrown) {
      if (isMissing(thrown)) return 0
      throw storeFault(thrown)
    }
  }
}

/** Gathers hashes and makes them last, one checkpoint at a time. */
export class HashWriter {
  readonly #file: FileHandle
  readonly #pending: Buffer
  #count = 0
  #written: number

  constructor(file: FileHandle, blocks: number, hashesPerCheckpoint: number) {
    this.#file = file
    this.#pending = Buffer.alloc(hashesPerCheckpoint * hashBytes)
    this.#written = blocks
  }

  async push(hash: Uint8Array): Promise<void> {
    this.#pending.set(hash, this.#count++ * hashBytes)
    if (this.#count * hashBytes === this.#pending.length) await this.flush()
  }

  async flush(): Promise<void> {
    try {
      const length = this.#count * hashBytes
      await this.#file.write(this.#pending, 0, length, this.#written * hashBytes)
      await this.#file.datasync()
    } catch (thrown) {
      throw storeFault(thrown)
    }
    this.#written += this.#count
    this.#count = 0
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
