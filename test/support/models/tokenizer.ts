import type { BuiltEntry } from './gguf-builder.ts'

/** A vocabulary of `size` tokens as a SentencePiece-like tokenizer, three control tokens and all bytes first. */
export function tinyTokenizer(size: number): readonly BuiltEntry[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byteToken(byte))
  const named = ['<unk>', '<s>', '</s>', ...bytes]
  const words = Array.from({ length: Math.max(0, size - named.length) }, (_, index) => `w${index}`)
  const tokens = [...named, ...words].slice(0, size)
  const types = tokens.map((_, index) => (index < 3 ? 3 : index < named.length ? 6 : 1))
  return [
    ['tokenizer.ggml.model', 'string', 'llama'],
    ['tokenizer.ggml.tokens', 'array', 'string', tokens],
    ['tokenizer.ggml.scores', 'array', 'f32', tokens.map((_, index) => -index)],
    ['tokenizer.ggml.token_type', 'array', 'i32', types],
    ['tokenizer.ggml.bos_token_id', 'u32', 1],
    ['tokenizer.ggml.eos_token_id', 'u32', 2],
    [
      'tokenizer.chat_template',
      'string',
      "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    ]
  ]
}

function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
}
