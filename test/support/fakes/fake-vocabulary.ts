import type { TokenPieces, Vocabulary } from '#contract/vocabulary.ts'
import { fakeVocabularySize } from './fake-engine.ts'

/** Ends an answer; stands for no text. */
const fakeEnd = 96

/** One token per character: token 0 is a space, the others follow in ASCII; the last one ends an answer. */
export function fakeVocabulary(more: Partial<Vocabulary> = {}): Vocabulary {
  return {
    size: fakeVocabularySize,
    eos: fakeEnd,
    pieces: fakePieces(),
    chatTemplate: 'fake',
    tokenize: (text) => Promise.resolve(Int32Array.from(text, tokenOf)),
    isEndOfGeneration: (token) => token === fakeEnd,
    tokenText: (token) => (token === fakeEnd ? '<|end|>' : String.fromCharCode(32 + token)),
    close: () => Promise.resolve(),
    ...more
  }
}

function tokenOf(character: string): number {
  return Math.max(0, character.charCodeAt(0) - 32) % fakeEnd
}

function fakePieces(): TokenPieces {
  const bytes = Uint8Array.from({ length: fakeEnd }, (_, token) => 32 + token)
  const offsets = Uint32Array.from({ length: fakeVocabularySize + 1 }, (_, token) =>
    Math.min(token, fakeEnd)
  )
  return { bytes, offsets }
}
