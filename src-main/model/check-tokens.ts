import { SkeinError } from '#contract/errors.ts'
import type { ByteSource } from './byte-source.ts'
import type { Gguf } from './gguf.ts'
import { ggufLimits } from './gguf-limits.ts'
import { HeaderCursor } from './header-cursor.ts'

const key = 'tokenizer.ggml.tokens'

/**
 * Refuses a vocabulary on which llama.cpp would abort: one in which a token stands twice, or a SentencePiece one that
 * has no token for some byte. Holds the tokens in memory while it looks. Throws `gguf-malformed`.
 */
export async function checkTokens(source: ByteSource, gguf: Gguf): Promise<void> {
  const tokens = await readTokens(source, gguf)
  const model = gguf.metadata.get('tokenizer.ggml.model')
  if (model?.type !== 'string' || model.value !== 'llama') return
  for (let byte = 0; byte < 256; byte++) {
    const hex = byte.toString(16).toUpperCase().padStart(2, '0')
    if (!tokens.has(`<0x${hex}>`) && !tokens.has(String.fromCharCode(byte))) {
      throw new SkeinError('gguf-malformed', `no token for the byte 0x${hex}`)
    }
  }
}

/** All tokens as llama.cpp tells them apart, one character per byte. */
async function readTokens(source: ByteSource, gguf: Gguf): Promise<ReadonlySet<string>> {
  const seen = new Set<string>()
  const tokens = gguf.metadata.get(key)
  if (tokens?.type !== 'array' || tokens.element !== 'string') return seen
  const { offset, bytes } = tokens.span
  const cursor = new HeaderCursor(source, offset, offset + bytes)
  if (!cursor.has(12)) await cursor.fill(12)
  cursor.skip(12) // the element's type and the count, which are known
  for (let token = 0; token < tokens.count; token++) {
    if (!cursor.has(8)) await cursor.fill(8)
    const length = cursor.count(ggufLimits.stringBytes, key)
    if (!cursor.has(length)) await cursor.fill(length)
    // A zero byte ends a token, and an empty token is named by its number.
    const [text = ''] = cursor.bytes(length).split('\0', 1)
    const name = text === '' ? `[EMPTY_${token}]` : text
    if (seen.has(name)) throw new SkeinError('gguf-malformed', `token ${token} stands twice`)
    seen.add(name)
  }
  return seen
}
