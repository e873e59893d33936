import { expect, test } from 'vitest'
import type { Verdict } from '#contract/decision.ts'
import { decide, firstState } from '#policy/decide.ts'
import { byPriority } from '#policy/priority.ts'
import { atNoon, knownWith, later, type Change } from '#test/support/guest/known.ts'
import { reasonRows } from '#test/support/guest/reason-rows.ts'

type RowName = keyof typeof reasonRows

function isRowName(name: string): name is RowName {
  return Object.hasOwn(reasonRows, name)
}

/** Reasons that stop something; throttling only slows it. */
const names = Object.keys(reasonRows)
  .filter(isRowName)
  .filter((name) => name !== 'lending-in-use')

/** Pairs that cannot be so at once: they are two answers to one question. */
const exclusive: readonly (readonly [RowName, RowName])[] = [
  ['paused-by-person', 'finishing'],
  ['in-use', 'idle-unknown'],
  ['metered', 'metered-unknown'],
  ['exclusive-program', 'sensor-unknown'],
  ['gpu-gone', 'gpu-wanted']
]

const pairs = names.flatMap((first, index) =>
  names
    .slice(index + 1)
    .filter((second) => !exclusive.some((pair) => pair.includes(first) && pair.includes(second)))
    .map((second) => [first, second] as const)
)

/** All reasons of a verdict, once each row has been so for long enough. */
function reasonsOf(changes: readonly Change[], verdictOf: 'compute' | 'transfer'): string[] {
  const known = knownWith(...changes)
  const begun = decide(firstState, known, atNoon)
  const { decision } = decide(begun.state, known, later(atNoon, 10_000))
  const verdict: Verdict = verdictOf === 'compute' ? decision : decision.transfer
  return [verdict.reason, ...verdict.others]
}

test('there are as many pairs as there should be', () => {
  expect(pairs).toHaveLength((names.length * (names.length - 1)) / 2 - exclusive.length)
})

test.each(pairs)('%s and %s: both hold, and the one that the order names is told', (...pair) => {
  const changes = pair.map((name) => reasonRows[name].change)
  // "not-agreed" is about lending in its row; sharing models is agreed to there.
  const told = pair.includes('metered-unknown')
    ? [...reasonsOf(changes, 'compute'), ...reasonsOf(changes, 'transfer')]
    : reasonsOf(changes, 'compute')
  expect(told).toEqual(expect.arrayContaining([...pair]))
  const [winner] = pair.toSorted(byPriority)
  if (!pair.includes('metered-unknown')) expect(told[0]).toBe(winner)
})

test.each(exclusive)('%s and %s are never told together', (first, second) => {
  const changes = [reasonRows[first].change, reasonRows[second].change]
  for (const order of [changes, changes.toReversed()]) {
    for (const activity of ['compute', 'transfer'] as const) {
      const told = reasonsOf(order, activity)
      expect(told.includes(first) && told.includes(second)).toBe(false)
    }
  }
})
