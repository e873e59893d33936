import type { ChatMessage } from '#contract/chat.ts'
import type { Vocabulary } from '#contract/vocabulary.ts'

/** Breaks the spelling of a special token without showing. */
const zeroWidthSpace = '\u200b'
/** Shorter ones are ordinary text that happens to be a token without bytes. */
const leastLength = 3

/**
 * Messages in which nobody can pose as the template: a special token written out (`<|im_end|>`) would otherwise be read as the real
 * one, because a rendered prompt must be read with its special tokens.
 */
export function defuseSpecialText(
  messages: readonly ChatMessage[],
  vocabulary: Vocabulary
): ChatMessage[] {
  const spellings = specialSpellings(vocabulary)
  return messages.map(({ role, content }) => ({ role, content: defuse(content, spellings) }))
}

function defuse(content: string, spellings: readonly string[]): string {
  return spellings.reduce((text, spelling) => {
    if (!text.includes(spelling)) return text
    return text.replaceAll(spelling, spelling.slice(0, 1) + zeroWidthSpace + spelling.slice(1))
  }, content)
}

const known = new WeakMap<Vocabulary, readonly string[]>()

/** Tokens that stand for no bytes, as the vocabulary spells them. */
function specialSpellings(vocabulary: Vocabulary): readonly string[] {
  const kept = known.get(vocabulary)
  if (kept !== undefined) return kept
  const { offsets } = vocabulary.pieces
  const spellings: string[] = []
  for (let token = 0; token < vocabulary.size; token++) {
    if (offsets[token] !== offsets[token + 1]) continue
    const spelling = vocabulary.tokenText(token)
    if (spelling.length >= leastLength) spellings.push(spelling)
  }
  known.set(vocabulary, spellings)
  return spellings
}
