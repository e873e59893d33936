import { SkeinError } from '#contract/errors.ts'
import type { TokenizeOptions, TokenPieces, Vocabulary } from '#contract/vocabulary.ts'
import { silentLogger } from '#log/silent-logger.ts'
import {
  EngineHandle,
  launchDefaults,
  type EngineExit,
  type EngineLaunch
} from './engine-handle.ts'
import { forkEngine } from './fork-engine.ts'
import type { VocabularyTable } from './messages.ts'

export interface VocabularyOptions extends Partial<Omit<EngineLaunch, 'entry'>> {
  /** A model, or a file carved from one without its tensors. */
  readonly file: string
  /** The entry of the engine process. */
  readonly entry: URL
}

/** A vocabulary in an engine process of its own. */
export interface VocabularyProcess extends Vocabulary {
  readonly pid: number
  /** At once where the process is gone already. */
  onExit(listener: (exit: EngineExit) => void): void
}

/**
 * Starts an engine process and loads a vocabulary in it. Throws `engine-load-failed`, `engine-library-missing`,
 * `engine-build-unknown`, `engine-unresponsive`, `engine-crashed`.
 */
export async function startVocabulary(options: VocabularyOptions): Promise<VocabularyProcess> {
  const { entry, fork = forkEngine, log = silentLogger, file, ...rest } = options
  const { handle, ready } = await EngineHandle.start(
    { type: 'start-vocabulary', file },
    { entry, fork, log, ...launchDefaults, ...rest }
  )
  if (ready.type !== 'vocabulary-ready') {
    throw new SkeinError('internal', `a vocabulary said ${ready.type}`)
  }
  return new EngineVocabulary(handle, ready.table)
}

class EngineVocabulary implements VocabularyProcess {
  readonly size: number
  readonly bos?: number
  readonly eos?: number
  readonly eot?: number
  readonly pieces: TokenPieces
  readonly chatTemplate?: string
  readonly #handle: EngineHandle
  readonly #endTokens: ReadonlySet<number>
  readonly #controlTexts: ReadonlyMap<number, string>

  constructor(handle: EngineHandle, table: VocabularyTable) {
    this.#handle = handle
    this.size = table.offsets.length - 1
    if (table.bos !== undefined) this.bos = table.bos
    if (table.eos !== undefined) this.eos = table.eos
    if (table.eot !== undefined) this.eot = table.eot
    if (table.chatTemplate !== undefined) this.chatTemplate = table.chatTemplate
    this.pieces = { offsets: table.offsets, bytes: table.bytes }
    this.#endTokens = new Set(table.endTokens)
    this.#controlTexts = new Map(
      table.controlTexts.map((text, index) => [table.controlTokens[index] ?? -1, text])
    )
  }

  get pid(): number {
    return this.#handle.pid
  }

  async tokenize(text: string, options: TokenizeOptions): Promise<Int32Array> {
    const { addSpecial, parseSpecial } = options
    const reply = await this.#handle.request((id) => ({
      type: 'tokenize',
      id,
      text,
      addSpecial,
      parseSpecial
    }))
    if (reply.type !== 'tokens') throw new SkeinError('internal', `a text gave ${reply.type}`)
    return reply.tokens
  }

  isEndOfGeneration(token: number): boolean {
    return this.#endTokens.has(token)
  }

  tokenText(token: number): string {
    const control = this.#controlTexts.get(token)
    if (control !== undefined) return control
    const { offsets, bytes } = this.pieces
    return Buffer.from(bytes.subarray(offsets[token], offsets[token + 1])).toString('utf8')
  }

  close(): Promise<void> {
    return this.#handle.stop()
  }

  onExit(listener: (exit: EngineExit) => void): void {
    this.#handle.onExit(listener)
  }
}
