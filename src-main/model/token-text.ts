/** A vocabulary's pieces: the bytes that each token stands for. */
export interface TokenPieces {
  /** Empty for a token without text, such as the end of a turn, and for one outside the vocabulary. */
  bytesOf(token: number): Uint8Array
}

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

  /** The characters that this token completes. */
  push(token: number): string {
    return this.#decoder.decode(this.#pieces.bytesOf(token), { stream: true })
  }

  /** What is left at the end: a character that never became whole is one U+FFFD. */
  end(): string {
    return this.#decoder.decode()
  }
}
