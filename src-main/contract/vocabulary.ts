/** How text becomes tokens. */
export interface TokenizeOptions {
  /** Put the model's own begin (and end) tokens around the text, where its vocabulary asks for them. */
  readonly addSpecial: boolean
  /** Read special tokens written as text (`<|im_start|>`). Never for text that a person or a peer wrote. */
  readonly parseSpecial: boolean
}

/** Every token's bytes, back to back: token `t` is `bytes[offsets[t] .. offsets[t + 1])`. A control token has none. */
export interface TokenPieces {
  /** `size + 1` entries, ascending. */
  readonly offsets: Uint32Array
  readonly bytes: Uint8Array
}

/** A model's vocabulary. Lookups are local and cheap; only tokenising crosses to the engine. */
export interface Vocabulary {
  /** Tokens, numbered from 0. */
  readonly size: number
  /** Begin of sequence, end of sequence, end of turn; absent where the model has none. */
  readonly bos?: number
  readonly eos?: number
  readonly eot?: number
  readonly pieces: TokenPieces
  /** The Jinja source that came with the model; untrusted. */
  readonly chatTemplate?: string
  /** Throws `SkeinError`: `engine-crashed`, or `cancelled` after `close`. */
  tokenize(text: string, options: TokenizeOptions): Promise<Int32Array>
  /** Whether this token ends an answer. */
  isEndOfGeneration(token: number): boolean
  /** The token as text, control tokens too (`<s>`): what a chat template may print. */
  tokenText(token: number): string
  close(): Promise<void>
}
