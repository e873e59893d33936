import { describe, expect, it } from 'vitest'
import { sessionIdSchema } from '#contract/peer.ts'
import type { Step } from '#contract/stage.ts'
import { ByteBudget } from '#swarm/byte-budget.ts'
import { SentSteps } from '#swarm/sent-steps.ts'

const session = sessionIdSchema.parse('1'.repeat(32))
/** Bytes of one row of the boundaries here. */
const rowBytes = 8

function step(position: number, rows: number, more: Partial<Step> = {}): Step {
  const data = Uint8Array.from({ length: rows * rowBytes }, (_, index) => position + index)
  return {
    session,
    epoch: 0,
    position,
    rows,
    input: { kind: 'boundary', dtype: 'float16', data },
    outputRows: 1,
    topK: 4,
    timings: [],
    hopBytes: [],
    ...more
  }
}

const whole = { mode: 'exact', quietUntil: 0, rows: 32 } as const

/** The rows' bytes of a list of steps, in order, and the rows of each step. */
function contents(steps: readonly Step[] | undefined) {
  return {
    rows: steps?.map((it) => it.rows),
    bytes: steps?.flatMap(({ input }) => (input.kind === 'boundary' ? [...input.data] : []))
  }
}

describe('what a sender keeps', () => {
  it('comes again as it was', () => {
    const sent = new SentSteps(new ByteBudget(100_000))
    const steps = [step(0, 3), step(3, 1), step(4, 1, { outputRows: 0 })]
    for (const it of steps) sent.add(it)
    expect(sent.replayed(whole)).toEqual(steps)
  })

  it('comes in large steps when it may, with the same rows, and unjoined where results are awaited', () => {
    const sent = new SentSteps(new ByteBudget(100_000))
    const steps = [step(0, 3), step(3, 1), step(4, 1), step(5, 1), step(6, 1)]
    for (const it of steps) sent.add(it)
    const replayed = sent.replayed({ mode: 'fast', quietUntil: 5, rows: 4 })
    expect(contents(replayed)).toEqual({ rows: [4, 1, 1, 1], bytes: contents(steps).bytes })
    expect(replayed?.map(({ outputRows }) => outputRows)).toEqual([0, 1, 1, 1])
  })

  it('does not join what travels in different types', () => {
    const sent = new SentSteps(new ByteBudget(100_000))
    const data = new Uint8Array(2 * rowBytes)
    sent.add(step(0, 1))
    sent.add(step(1, 1, { input: { kind: 'boundary', dtype: 'float32', data } }))
    const replayed = sent.replayed({ mode: 'fast', quietUntil: 2, rows: 4 })
    expect(contents(replayed).rows).toEqual([1, 1])
  })

  it('joins tokens', () => {
    const sent = new SentSteps(new ByteBudget(100_000))
    for (const token of [5, 6, 7]) {
      sent.add(step(token - 5, 1, { input: { kind: 'tokens', tokens: Int32Array.of(token) } }))
    }
    const [first] = sent.replayed({ mode: 'fast', quietUntil: 3, rows: 4 }) ?? []
    expect(first?.input).toEqual({ kind: 'tokens', tokens: Int32Array.of(5, 6, 7) })
  })

  it('ends where it was rolled back to', () => {
    const budget = new ByteBudget(100_000)
    const sent = new SentSteps(budget)
    for (const it of [step(0, 4), step(4, 4), step(8, 1)]) sent.add(it)
    const before = budget.used
    sent.cut(6)
    const kept = [
      ...(contents([step(0, 4)]).bytes ?? []),
      ...[...(contents([step(4, 4)]).bytes ?? [])].slice(0, 2 * rowBytes)
    ]
    expect(contents(sent.replayed(whole))).toEqual({ rows: [4, 2], bytes: kept })
    expect(budget.used).toBeLessThan(before)
    sent.cut(0)
    expect(sent.replayed(whole)).toEqual([])
    expect(budget.used).toBe(0)
  })

  it('is let go as a whole when it outgrows the budget, which others then have', () => {
    const budget = new ByteBudget(4_000)
    const large = new SentSteps(budget)
    const small = new SentSteps(budget)
    for (let position = 0; position < 10; position++) large.add(step(position, 1))
    expect(large.replayed(whole)).toBeUndefined()
    expect(budget.used).toBe(0)
    small.add(step(0, 1))
    large.add(step(10, 1))
    expect(large.isWhole).toBe(false)
    expect(contents(small.replayed(whole)).rows).toEqual([1])
    small.clear()
    expect(budget.used).toBe(0)
  })
})
