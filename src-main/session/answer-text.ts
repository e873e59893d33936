import type { GenerateEvent, GeneratedToken } from '#contract/chat.ts'
import type { Vocabulary } from '#contract/vocabulary.ts'
import { StopStrings } from '#model/stop-strings.ts'
import { TokenText } from '#model/token-text.ts'

type TextEvent = Extract<GenerateEvent, { kind: 'text' }>

/** Turns tokens into what may be shown: whole characters, nothing of a stop string. */
export class AnswerText {
  readonly #text: TokenText
  readonly #stops: StopStrings
  #unshown: GeneratedToken[] = []
  #isStopped = false

  constructor(vocabulary: Vocabulary, stops: readonly string[]) {
    this.#text = new TokenText(vocabulary.pieces)
    this.#stops = new StopStrings(stops)
  }

  /** Whether a stop string came. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** What this token lets be shown, if anything. */
  push(token: GeneratedToken): TextEvent | undefined {
    this.#unshown.push(token)
    const { text, stoppedBy } = this.#stops.push(this.#text.push(token.token))
    this.#isStopped ||= stoppedBy !== undefined
    return this.#show(text)
  }

  /** What was held back, when the answer is over. */
  end(): TextEvent | undefined {
    if (this.#isStopped) return this.#unshown.length === 0 ? undefined : this.#take('')
    const last = this.#stops.push(this.#text.end())
    const text = last.text + this.#stops.end()
    return text === '' && this.#unshown.length === 0 ? undefined : this.#take(text)
  }

  #show(text: string): TextEvent | undefined {
    return text === '' ? undefined : this.#take(text)
  }

  #take(text: string): TextEvent {
    const tokens = this.#unshown
    this.#unshown = []
    return { kind: 'text', text, tokens }
  }
}
