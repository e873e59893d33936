import { parseArgs } from 'node:util'
import { replayModes } from '#contract/stage.ts'
import { cellName, cellsFor } from './matrix/cells.ts'
import { keepResult } from './matrix/keep-result.ts'
import { isAsItMustBe, tableHead, tableRow } from './matrix/matrix-table.ts'
import { runCell, type CellResult } from './matrix/run-cell.ts'

export const matrixHelp = `npm run lab -- matrix [--cells <filter>] [--replay exact|fast] [--json]

Disturbs one stage in the middle of an answer, with real peers as processes: every round trip, length of a chain and fault.
  --cells   only those cells, such as 40ms, 3/kill or 40ms/3/kill; several with commas
  --replay  how a new stage is filled (default: exact)
  --json    prints the results as JSON instead of a table
Writes the cells that ran into test/lab/results/matrix.{json,md}. Fails when a token is wrong, a sound stage moved, or a goal is missed.`

/** Returns whether all cells are as they must be. */
export async function matrix(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cells: { type: 'string' },
      replay: { type: 'string', default: 'exact' },
      json: { type: 'boolean', default: false }
    }
  })
  const replay = replayModes.find((mode) => mode === values.replay)
  if (replay === undefined) throw new Error(`--replay is ${replayModes.join(' or ')}`)
  const cells = cellsFor(values.cells)
  const print = (line: string): void => {
    if (!values.json) console.log(line)
  }
  for (const line of tableHead) print(line)
  const results: CellResult[] = []
  for (const cell of cells) {
    try {
      const result = await runCell(cell, replay)
      results.push(result)
      print(tableRow(result))
      await keepResult(result, replay)
    } catch (thrown) {
      throw new Error(`cell ${cellName(cell)} could not be run`, { cause: thrown })
    }
  }
  if (values.json) console.log(JSON.stringify(results, undefined, 2))
  return results.every(isAsItMustBe)
}
