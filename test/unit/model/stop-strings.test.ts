import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StopStrings } from '#model/stop-strings.ts'

function run(
  stops: readonly string[],
  pieces: readonly string[]
): { shown: string[]; by?: string } {
  const watcher = new StopStrings(stops)
  const shown: string[] = []
  for (const piece of pieces) {
    const { text, stoppedBy } = watcher.push(piece)
    shown.push(text)
    if (stoppedBy !== undefined) return { shown, by: stoppedBy }
  }
  return { shown: [...shown, watcher.end()] }
}

/** What a reader who sees the text grow character by character would call the answer. */
function expected(stops: readonly string[], text: string): { text: string; by?: string } {
  for (let end = 1; end <= text.length; end++) {
    const ending = stops.filter((stop) => stop !== '' && text.slice(0, end).endsWith(stop))
    const [by] = ending.toSorted((a, b) => b.length - a.length)
    if (by !== undefined) return { text: text.slice(0, end - by.length), by }
  }
  return { text }
}

describe('stop strings', () => {
  test('end the answer before themselves', () => {
    expect(run(['END'], ['one END two'])).toEqual({ shown: ['one '], by: 'END' })
  })

  test('are found over several pieces, and their beginning is never shown', () => {
    expect(run(['\n\nUser:'], ['Hi.\n', '\nUs', 'er', ': more'])).toEqual({
      shown: ['Hi.', '', '', ''],
      by: '\n\nUser:'
    })
  })

  test('release what only looked like their beginning', () => {
    expect(run(['aab'], ['a', 'a', 'a', 'c'])).toEqual({ shown: ['', '', 'a', 'aac', ''] })
  })

  test('release what is held back when the answer ends', () => {
    expect(run(['###'], ['x##'])).toEqual({ shown: ['x', '##'] })
  })

  test('the one that is complete first wins', () => {
    expect(run(['bcd', 'c'], ['abcd'])).toEqual({ shown: ['ab'], by: 'c' })
  })

  test('of two that end together the longer one wins', () => {
    expect(run(['c', 'bc'], ['abcd'])).toEqual({ shown: ['a'], by: 'bc' })
  })

  test('after one, nothing more is shown', () => {
    const watcher = new StopStrings(['x'])
    expect(watcher.push('ax')).toEqual({ text: 'a', stoppedBy: 'x' })
    expect([watcher.push('more'), watcher.end()]).toEqual([{ text: '' }, ''])
  })

  test('empty ones and none at all change nothing', () => {
    expect(run([''], ['a', 'b'])).toEqual({ shown: ['a', 'b', ''] })
    expect(run([], ['a', 'b'])).toEqual({ shown: ['a', 'b', ''] })
  })

  test('give the same answer however the text is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 })
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 }))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), stops, (pieces, stopList) => {
        const { shown, by } = run(stopList, pieces)
        expect({ text: shown.join(''), ...(by !== undefined && { by }) }).toEqual(
          expected(stopList, pieces.join(''))
        )
      }),
      { numRuns: 500 }
    )
  })
})
