import type { GeneratedToken } from '#contract/chat.ts'
import type { Candidates } from '#contract/stage.ts'
import type { Vocabulary } from '#contract/vocabulary.ts'
import { tokenBytes } from '#model/token-text.ts'

type TokenLogprob = Omit<GeneratedToken, 'top'>

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A token with the model's own log-probability, before any sampling, and its `top` most likely rivals. */
export function describeToken(
  token: number,
  candidates: Candidates,
  top: number,
  vocabulary: Vocabulary
): GeneratedToken {
  const at = candidates.tokens.indexOf(token)
  const rivals = Array.from(candidates.tokens.subarray(0, top), (rival, index) =>
    logprobAt(rival, index, candidates, vocabulary)
  )
  return { ...logprobAt(token, at, candidates, vocabulary), top: rivals }
}

function logprobAt(
  token: number,
  index: number,
  { logits, logSumExp }: Candidates,
  vocabulary: Vocabulary
): TokenLogprob {
  const bytes = tokenBytes(vocabulary.pieces, token)
  const logprob = (logits[index] ?? -Infinity) - logSumExp
  return { token, text: decoder.decode(bytes), bytes: Array.from(bytes), logprob }
}
