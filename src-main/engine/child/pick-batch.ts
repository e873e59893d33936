/** What the picker needs to know of a waiting step. */
export interface WaitingStep {
  readonly slot: number
  readonly rows: number
  readonly outputRows: number
}

export interface BatchCapacity {
  readonly rows: number
  readonly outputRows: number
}

/** A step of few rows is someone waiting for the next token; a larger one is a prompt on its way in. */
const fewRows = 16

/**
 * Which waiting steps, oldest first in `waiting`, go into the next call: the oldest in any case, so that nobody starves;
 * then those of few rows; then the rest, oldest first, as long as they fit whole. One per slot, since a slot's next
 * step builds on the one before.
 */
export function pickBatch<Step extends WaitingStep>(
  waiting: readonly Step[],
  capacity: BatchCapacity
): Step[] {
  const seen = new Set<number>()
  const heads = waiting.filter(({ slot }) => !seen.has(slot) && seen.add(slot))
  const oldest = heads.slice(0, 1)
  const others = heads.slice(1)
  const order = [
    ...oldest,
    ...others.filter(({ rows }) => rows <= fewRows),
    ...others.filter(({ rows }) => rows > fewRows)
  ]
  let { rows, outputRows } = capacity
  return order.filter((step) => {
    if (step.rows > rows || step.outputRows > outputRows) return false
    rows -= step.rows
    outputRows -= step.outputRows
    return true
  })
}
