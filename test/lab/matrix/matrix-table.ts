import { cellName } from './cells.ts'
import type { CellResult } from './run-cell.ts'

/** Goals of `kill` at a round trip of 40 ms with a spare, of `alone`, and of noticing; in milliseconds. */
const killPauseGoal = 2_000
const alonePauseGoal = 10_000
const noticeGoal = 3_000

/** Whether a cell is as it must be: no token wrong, nothing moved that need not, and in time where there is a goal. */
export function isAsItMustBe(result: CellResult): boolean {
  const { cell, wrongTokens, otherStages, pauseMillis, noticedMillis = 0 } = result
  const isSlow =
    (cell.fault === 'kill' && cell.roundTripMillis <= 40 && pauseMillis > killPauseGoal) ||
    (cell.fault === 'alone' && pauseMillis > alonePauseGoal) ||
    (cell.fault !== 'slow' && noticedMillis > noticeGoal)
  return wrongTokens === 0 && otherStages === 0 && !isSlow
}

export const tableHead = [
  '| cell | wrong tokens | finish | noticed | pause | usual | replaced | others moved | as it must be |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- |'
]

export function tableRow(result: CellResult): string {
  const { cell, wrongTokens, finish, noticedMillis, pauseMillis, usualMillis, heals, otherStages } =
    result
  const replaced = heals.map(({ range, why }) => `${range.first}-${range.end - 1} (${why})`)
  const cells = [
    cellName(cell),
    wrongTokens,
    finish,
    noticedMillis === undefined ? '' : `${noticedMillis.toFixed(0)} ms`,
    `${pauseMillis.toFixed(0)} ms`,
    `${usualMillis.toFixed(0)} ms`,
    replaced.join(', ') || 'none',
    otherStages,
    isAsItMustBe(result) ? 'yes' : 'NO'
  ]
  return `| ${cells.join(' | ')} |`
}
