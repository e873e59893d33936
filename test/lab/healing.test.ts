import { describe, expect, it } from 'vitest'
import type { Fault } from './matrix/cells.ts'
import { runCell } from './matrix/run-cell.ts'

/** Some cells of `npm run lab -- matrix`. */
describe('an answer of real peers', () => {
  it.each<[Fault, string]>([
    ['kill', 'a stage that is killed'],
    ['cut', 'a link on which nothing passes any more'],
    ['leave', 'a stage that leaves']
  ])(
    'survives %s: %s',
    async (fault) => {
      const result = await runCell({ roundTripMillis: 40, stages: 3, fault }, 'exact')
      expect(result).toMatchObject({ wrongTokens: 0, finish: 'length', otherStages: 0 })
      expect(result.heals.map(({ range }) => range)).toEqual([{ first: 2, end: 4 }])
    },
    180_000
  )
})
