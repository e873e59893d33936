import type { GeneratedToken, TokenLogprob } from '#contract/chat.ts'

const chatEntry = ({ text, logprob, bytes }: TokenLogprob) => ({ token: text, logprob, bytes })

/** The chat API's form. */
export function chatLogprobs(tokens: readonly GeneratedToken[]) {
  return {
    content: tokens.map((token) => ({
      ...chatEntry(token),
      top_logprobs: token.top.map(chatEntry)
    })),
    refusal: null
  }
}

/** The completion API's form. `offset`: characters of the answer before the first of these tokens. */
export function completionLogprobs(tokens: readonly GeneratedToken[], offset: number) {
  let end = offset
  return {
    tokens: tokens.map((token) => token.text),
    token_logprobs: tokens.map((token) => token.logprob),
    top_logprobs: tokens.map((token) =>
      Object.fromEntries(token.top.map((top) => [top.text, top.logprob]))
    ),
    text_offset: tokens.map((token) => {
      const start = end
      end += token.text.length
      return start
    })
  }
}
