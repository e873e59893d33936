import { expect, test } from 'vitest'
import { decisionSentence } from '#contract/decision-sentence.ts'
import { lendingStates, reasonIcons, reasonNames, reasons } from '#contract/reasons.ts'
import { decide, firstState } from '#policy/decide.ts'
import { priority } from '#policy/priority.ts'
import { rules } from '#policy/rules.ts'
import { atNoon, knownWith, later, type Change } from '#test/support/guest/known.ts'
import { reasonRows } from '#test/support/guest/reason-rows.ts'

/** What is decided when it has been so for long enough to count. */
function decideAfter(change: Change, afterMs = 0) {
  const known = knownWith(change)
  const begun = decide(firstState, known, atNoon)
  const then = later(atNoon, afterMs)
  return { ...decide(begun.state, known, then), now: then }
}

test.each(reasonNames)('%s has its texts, an icon and help', (name) => {
  const { sentence, until, help, short, icon, state } = reasons[name]
  for (const text of [sentence, until, help, short]) expect(text).toMatch(/\S{3}/)
  expect(sentence).toMatch(/^(Off|Waiting|Paused|Lending|Finishing|Problem).*\.$/)
  expect(until).toMatch(/\.$/)
  expect(help).toMatch(/\.$/)
  expect(short).not.toMatch(/[{.]/)
  expect(reasonIcons).toContain(icon)
  expect(lendingStates).toContain(state)
})

test('every reason has one place in the order, and every rule’s reason a row here', () => {
  expect([...priority].sort()).toEqual([...reasonNames].sort())
  expect(new Set(priority).size).toBe(priority.length)
  const withRow = new Set([...Object.keys(reasonRows), 'settling', 'lending'])
  expect(reasonNames.filter((name) => !withRow.has(name))).toEqual([])
  expect(rules.map(({ reason }) => reason).filter((name) => !withRow.has(name))).toEqual([])
})

test.each(Object.entries(reasonRows))('%s: the sentence that everybody sees', (name, row) => {
  const { decision, now } = decideAfter(row.change, row.afterMs)
  const verdict = name === 'metered-unknown' ? decision.transfer : decision
  expect(verdict.reason).toBe(name)
  const sentence = decisionSentence(verdict, { now: now.wall, timeZone: 'UTC' })
  expect(sentence).toBe(row.sentence)
  expect(verdict.others).toEqual([])
})

test('nothing in the way: lending, at full speed', () => {
  const { decision } = decide(firstState, knownWith(), atNoon)
  expect(decision).toMatchObject({
    state: 'lending',
    reason: 'lending',
    transfer: { state: 'lending' },
    limits: { compute: { work: 'yes', share: 1, keepsMemory: true }, transfer: { isAllowed: true } }
  })
  expect(decisionSentence(decision, { now: atNoon.wall })).toBe(
    'Lending. Pauses as soon as you need this computer.'
  )
})

test('of several reasons the sentence names the strongest, and says what else there is', () => {
  const { decision, now } = decideAfter({
    signals: {
      ...reasonRows['in-use'].change.signals,
      ...reasonRows['on-battery'].change.signals,
      ...reasonRows['metered'].change.signals
    }
  })
  expect(decisionSentence(decision, { now: now.wall, timeZone: 'UTC' })).toBe(
    'Paused: this computer runs on its battery. Resumes after 1 min on mains power. ' +
      'Also: you are using this computer, and 1 more.'
  )
})
