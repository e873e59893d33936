const fixedBytes = 16 * 1024
const bytesPerTensor = 96
/** Text, score, type and merge of one token. */
const bytesPerToken = 48
const largestEstimate = 32 * 1024 * 1024

/** `tokenizer.ggml.tokens`, as an array of strings. */
const tokensKey = Buffer.from('tokenizer.ggml.tokens\x09\0\0\0\x08\0\0\0', 'latin1')

/**
 * How long a GGUF header may be, by its first bytes: enough to ask for most of it at once rather than window by window, each a
 * round trip. Only a guess: wrong or lying counts cost some blocks too many or one more round trip.
 */
export function estimateHeader(start: Uint8Array): number {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength)
  if (bytes.length < 24) return bytes.length
  const tensors = Number(bytes.readBigUInt64LE(8))
  const at = bytes.indexOf(tokensKey)
  const countAt = at + tokensKey.length
  const hasTokens = at >= 0 && countAt + 8 <= bytes.length
  const tokens = hasTokens ? Number(bytes.readBigUInt64LE(countAt)) : 0
  const estimate = fixedBytes + tensors * bytesPerTensor + tokens * bytesPerToken
  return Math.min(largestEstimate, estimate)
}
