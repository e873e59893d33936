import { defineCallback, NativeCallback, type NativeLibrary } from './ffi.ts'

/** `enum ggml_log_level`. */
const levels = ['none', 'debug', 'info', 'warn', 'error', 'continue'] as const
type LogLevel = (typeof levels)[number]

export interface LogLine {
  readonly level: LogLevel
  readonly text: string
}

const callbackType = defineCallback('void LlamaLogCallback(int level, str text, void *user)')

/** Lines kept while nobody captures: enough to say why a call failed. */
const kept = 64

/**
 * llama.cpp tells only its log how large its buffers are and why something failed. It logs on the thread that called
 * it, so the callback may be JavaScript.
 */
export class LlamaLog {
  readonly #callback: NativeCallback
  #lines: LogLine[] = []
  #isCapturing = false

  constructor(llama: NativeLibrary) {
    this.#callback = new NativeCallback(callbackType, (level: number, text: string) => {
      this.#lines.push({ level: levels[level] ?? 'none', text })
      if (this.#lines.length > 2 * kept && !this.#isCapturing) this.#lines.splice(0, kept)
      return undefined
    })
    const setLog = llama.nothing('void llama_log_set(void *, void *)')
    setLog(this.#callback.pointer, null)
    // GPU backends log when the process takes them down, and then there is no JavaScript left to call.
    process.once('exit', () => setLog(null, null))
  }

  /** Runs `work` and gives back what was logged during it. */
  capture<Result>(work: () => Result): { result: Result; lines: readonly LogLine[] } {
    this.#lines = []
    this.#isCapturing = true
    try {
      return { result: work(), lines: this.#lines }
    } finally {
      this.#lines = []
      this.#isCapturing = false
    }
  }

  /** The last errors, oldest first, in one line. */
  lastErrors(): string {
    return errorText(this.#lines)
  }
}

export function errorText(lines: readonly LogLine[]): string {
  return lines
    .filter(({ level }) => level === 'error')
    .slice(-4)
    .map(({ text }) => text.trim())
    .join('; ')
}
