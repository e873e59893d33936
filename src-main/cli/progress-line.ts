import type { ByteProgress } from '#contract/weights.ts'
import { formatBytes } from './format-bytes.ts'

/** Shows how far something is: one line that is written over on a terminal, nothing where the output is no terminal. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream
  #length = 0

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream
  }

  show(
    what: string,
    progress: ByteProgress & { readonly bytesPerSecond?: number | undefined }
  ): void {
    if (!this.#stream.isTTY) return
    const { doneBytes, totalBytes, bytesPerSecond } = progress
    const percent = totalBytes === 0 ? 0 : Math.floor((doneBytes / totalBytes) * 100)
    const rate = bytesPerSecond === undefined ? '' : `, ${formatBytes(bytesPerSecond)}/s`
    this.#write(`${what} ${percent} % of ${formatBytes(totalBytes)}${rate}`)
  }

  /** Leaves an empty line. */
  clear(): void {
    if (this.#length > 0) this.#write('')
  }

  #write(text: string): void {
    this.#stream.write(`\r${text.padEnd(this.#length)}${text === '' ? '\r' : ''}`)
    this.#length = text.length
  }
}
