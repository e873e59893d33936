import { SkeinError } from '#contract/errors.ts'
import type { Candidates } from '#contract/stage.ts'
import { expOfMinus, negligible } from './exponential.ts'

/**
 * The best `count` logits of one row, descending, ties by the lower token, and the log-sum-exp of the row: one pass over
 * the vocabulary with a heap of `count` entries, whose least is the bar that nearly every logit fails.
 * Throws `engine-decode-failed` where the row has no finite answer.
 */
export function topCandidates(row: Float32Array, count: number): Candidates {
  const size = Math.min(count, row.length)
  const heapLogits = new Float32Array(size)
  const heapTokens = new Int32Array(size)
  let filled = 0
  let bar = -Infinity
  let best = -Infinity
  let sum = 0

  for (let token = 0; token < row.length; token++) {
    const logit = row[token] ?? 0
    const below = best - logit
    if (below < 0) {
      sum = sum * Math.exp(below) + 1
      best = logit
    } else if (below < negligible) {
      sum += expOfMinus(below)
    } else if (Number.isNaN(logit)) {
      throw new SkeinError('engine-decode-failed', `the logit of token ${token} is not a number`)
    }
    if (logit <= bar && filled === size) continue
    if (filled < size) {
      siftUp(heapLogits, heapTokens, filled++, logit, token)
      if (filled === size) bar = heapLogits[0] ?? -Infinity
    } else {
      siftDown(heapLogits, heapTokens, size, logit, token)
      bar = heapLogits[0] ?? -Infinity
    }
  }

  const logSumExp = best + Math.log(sum)
  if (!Number.isFinite(logSumExp)) {
    throw new SkeinError('engine-decode-failed', 'the logits are not finite')
  }
  return { ...descending(heapLogits, heapTokens), logSumExp }
}

/** Whether entry a is worse than b: a smaller logit, or the same and a later token. */
function isWorse(logitA: number, tokenA: number, logitB: number, tokenB: number): boolean {
  return logitA < logitB || (logitA === logitB && tokenA > tokenB)
}

function siftUp(
  logits: Float32Array,
  tokens: Int32Array,
  at: number,
  logit: number,
  token: number
): void {
  let index = at
  while (index > 0) {
    const parent = (index - 1) >> 1
    const parentLogit = logits[parent] ?? 0
    const parentToken = tokens[parent] ?? 0
    if (!isWorse(logit, token, parentLogit, parentToken)) break
    logits[index] = parentLogit
    tokens[index] = parentToken
    index = parent
  }
  logits[index] = logit
  tokens[index] = token
}

/** Replaces the root, the worst entry. */
function siftDown(
  logits: Float32Array,
  tokens: Int32Array,
  size: number,
  logit: number,
  token: number
): void {
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= size) break
    const right = child + 1
    if (
      right < size &&
      isWorse(logits[right] ?? 0, tokens[right] ?? 0, logits[child] ?? 0, tokens[child] ?? 0)
    ) {
      child = right
    }
    if (!isWorse(logits[child] ?? 0, tokens[child] ?? 0, logit, token)) break
    logits[index] = logits[child] ?? 0
    tokens[index] = tokens[child] ?? 0
    index = child
  }
  logits[index] = logit
  tokens[index] = token
}

function descending(
  logits: Float32Array,
  tokens: Int32Array
): { tokens: Int32Array; logits: Float32Array } {
  const order = Array.from(logits.keys()).sort(
    (a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || (tokens[a] ?? 0) - (tokens[b] ?? 0)
  )
  return {
    tokens: Int32Array.from(order, (index) => tokens[index] ?? 0),
    logits: Float32Array.from(order, (index) => logits[index] ?? 0)
  }
}
