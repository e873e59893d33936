import { mkdir, rm, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { blockBytes } from './block-size.ts'
import { OpenFiles } from './open-files.ts'
import { isMissing, storeFault } from './store-fault.ts'

/** Blocks of one file: 64 MiB. What is not here of a model costs little even where the file system keeps no holes. */
const blocksPerFile = 1024

/** A block by its place in the core. */
export interface PlacedBlock {
  readonly index: number
  readonly bytes: Uint8Array
}

/**
 * The blocks of one model that came from peers, each at its own place in one of several files. They are no part of the database:
 * that would write each block three times (log, table, compaction) and give its space back late. What is read here is unchecked:
 * after a power cut a block may hold anything, so whoever reads compares it with the core's tree.
 */
export class BlockFiles {
  readonly #folder: string
  readonly #files: OpenFiles
  #isMade = false

  constructor(folder: string) {
    this.#folder = folder
    this.#files = new OpenFiles((file) => path.join(folder, `${file}.blocks`))
  }

  /** `null` where no block was written, or none can be read. */
  async read(index: number): Promise<Uint8Array | null> {
    const bytes = Buffer.allocUnsafeSlow(blockBytes)
    try {
      const bytesRead = await this.#files.use(fileOf(index), false, async (file) => {
        return (await file.read(bytes, 0, blockBytes, offsetOf(index))).bytesRead
      })
      return bytesRead === 0 ? null : bytes.subarray(0, bytesRead)
    } catch (thrown) {
      if (isMissing(thrown)) return null
      throw storeFault(thrown)
    }
  }

  /** Throws `disk-full` or `weights-unreadable`; any of the blocks may be half written then. */
  async write(blocks: readonly PlacedBlock[]): Promise<void> {
    try {
      if (!this.#isMade) await mkdir(this.#folder, { recursive: true })
      this.#isMade = true
      await Promise.all(neighboursIn(blocks).map((run) => this.#writeRun(run)))
    } catch (thrown) {
      throw storeFault(thrown)
    }
  }

  close(): Promise<void> {
    return this.#files.close()
  }

  /** Gives their space back. */
  async remove(): Promise<void> {
    await this.close()
    this.#isMade = false
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #writeRun(run: readonly PlacedBlock[]): Promise<void> {
    const [first] = run
    if (first === undefined) return
    const { index } = first
    await this.#files.use(fileOf(index), true, (file) => {
      return writeAll(
        file,
        run.map(({ bytes }) => bytes),
        offsetOf(index)
      )
    })
  }
}

/** The system may take less than it is given, above all on a disk that is nearly full. */
async function writeAll(
  file: FileHandle,
  parts: readonly Uint8Array[],
  position: number
): Promise<void> {
  const total = parts.reduce((sum, { length }) => sum + length, 0)
  const { bytesWritten } = await file.writev(parts, position)
  if (bytesWritten === total) return
  const rest = Buffer.concat(parts).subarray(bytesWritten)
  for (let done = 0; done < rest.length;) {
    const at = position + bytesWritten + done
    done += (await file.write(rest, done, rest.length - done, at)).bytesWritten
  }
}

/** Blocks that follow each other in one file, to be written at once. */
function neighboursIn(blocks: readonly PlacedBlock[]): PlacedBlock[][] {
  const runs: PlacedBlock[][] = []
  for (const block of blocks.toSorted((a, b) => a.index - b.index)) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const follows = last?.index === block.index - 1 && fileOf(last.index) === fileOf(block.index)
    if (run !== undefined && follows) run.push(block)
    else runs.push([block])
  }
  return runs
}

function fileOf(index: number): number {
  return Math.floor(index / blocksPerFile)
}

function offsetOf(index: number): number {
  return (index % blocksPerFile) * blockBytes
}
