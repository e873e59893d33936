import { SkeinError } from '#contract/errors.ts'
import type { ByteSource } from './byte-source.ts'
import type { Gguf } from './gguf.ts'
import { ggufLimits } from './gguf-limits.ts'
import { HeaderCursor } from './header-cursor.ts'

const key = 'tokenizer.ggml.tokens'

/**
 * Refuses a vocabulary in which a token stands twice: llama.cpp aborts on it. Holds the tokens in memory while it looks.
 * Throws `gguf-malformed`.
 */
export async function checkTokens(source: ByteSource, gguf: Gguf): Promise<void> {
  const tokens = gguf.metadata.get(key)
  if (tokens?.type !== 'array' || tokens.element !== 'string') return
  const cursor = new HeaderCursor(source, tokens.span.offset)
  if (!cursor.has(12)) await cursor.fill(12)
  cursor.skip(12) // the element's type and the count, which are known
  const seen = new Set<string>()
  for (let token = 0; token < tokens.count; token++) {
    if (!cursor.has(8)) await cursor.fill(8)
    const bytes = cursor.count(ggufLimits.stringBytes, key)
    if (!cursor.has(bytes)) await cursor.fill(bytes)
    // llama.cpp names an empty token by its number.
    const text = bytes === 0 ? `[EMPTY_${token}]` : cursor.bytes(bytes)
    if (seen.has(text)) throw new SkeinError('gguf-malformed', `token ${token} stands twice`)
    seen.add(text)
  }
}
