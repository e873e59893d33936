import type { ByteProgress } from '#contract/weights.ts'
import { formatBytes, formatSeconds } from './format-bytes.ts'

interface ShownProgress extends ByteProgress {
  readonly bytesPerSecond?: number | undefined
}

/** Shows how far something is: one line that is written over on a terminal, nothing where the output is no terminal. */
export class ProgressLine {
  readonly #stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>
  #length = 0

  constructor(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr) {
    this.#stream = stream
  }

  /** `rest`: what else is to be said of it. */
  show(what: string, progress: ShownProgress, rest = ''): void {
    if (this.#stream.isTTY) this.#write(`${what} ${describeProgress(progress)}${rest}`)
  }

  /** A line without figures. */
  say(text: string): void {
    if (this.#stream.isTTY) this.#write(text)
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

/** `34 % of 2.1 GB, 5.2 MB/s, 4 min left` */
export function describeProgress({ doneBytes, totalBytes, bytesPerSecond }: ShownProgress): string {
  const percent = totalBytes === 0 ? 0 : Math.floor((doneBytes / totalBytes) * 100)
  const done = `${percent} % of ${formatBytes(totalBytes)}`
  if (bytesPerSecond === undefined || bytesPerSecond === 0) return done
  const left = formatSeconds((totalBytes - doneBytes) / bytesPerSecond)
  return `${done}, ${formatBytes(bytesPerSecond)}/s, ${left} left`
}
