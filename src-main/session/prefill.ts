import { stageLimits } from '#contract/stage.ts'
import type { StepOutcome } from './chain-news.ts'
import type { ChainSession } from './chain-session.ts'
import { prefillRows } from './prefill-rows.ts'

/**
 * Fills the cache of all stages with `tokens`, several chunks at once so that all stages are busy; asks for candidates after the last
 * one. Yields each chunk's answer in order. Throws `cancelled` when the session ends.
 */
export async function* prefillChunks(
  session: ChainSession,
  tokens: Int32Array,
  topK: number
): AsyncGenerator<StepOutcome> {
  const stages = session.stages.length
  const rows = prefillRows(tokens.length, stages, session.rows)
  const window = Math.min(stageLimits.maxPrefillInFlight, stages + 2)
  const waiting: Promise<StepOutcome>[] = []
  let first = 0
  for (const count of rows) {
    const chunk = tokens.subarray(first, first + count)
    first += count
    const outputRows = first === tokens.length ? 1 : 0
    waiting.push(session.step(chunk, outputRows, topK))
    const next = waiting.length === window ? waiting.shift() : undefined
    if (next !== undefined) yield await next
  }
  for (const next of waiting) yield await next
}
