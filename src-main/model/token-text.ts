import type { TokenPieces } from '#contract/vocabulary.ts'

/**
 * Turns tokens into text as they come. A token may end inside a character (byte-level vocabularies split emoji over
 * several tokens): those bytes wait until the character is whole. Bytes that can never become one turn into U+FFFD.
 */
export class TokenText {
  readonly #pieces: TokenPieces
  // Keeps a byte order mark as text: an answer may hold one anywhere.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  constructor(pieces: TokenPieces) {
    this.#pieces = pieces
  }

  /** The characters that this token completes; none for a token without text. */
  push(token: number): string {
    return this.#decoder.decode(tokenBytes(this.#pieces, token), { stream: true })
  }

  /** What is left at the end: a character that never became whole is one U+FFFD. */
  end(): string {
    return this.#decoder.decode()
  }
}

/** A token's bytes, not copied; none for a token outside the vocabulary. */
export function tokenBytes(pieces: TokenPieces, token: number): Uint8Array {
  return pieces.bytes.subarray(pieces.offsets[token] ?? 0, pieces.offsets[token + 1] ?? 0)
}
