import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { replayModes, type ReplayMode } from '#contract/stage.ts'
import { cellName, cellsFor } from './matrix/cells.ts'
import { isAsItMustBe, tableHead, tableRow } from './matrix/matrix-table.ts'
import { runCell, type CellResult } from './matrix/run-cell.ts'

export const matrixHelp = `npm run lab -- matrix [--cells <filter>] [--replay exact|fast] [--json]

Disturbs one stage in the middle of an answer, with real peers as processes: every round trip, length of a chain and fault.
  --cells   only those cells, such as 40ms, 3/kill or 40ms/3/kill; several with commas
  --replay  how a new stage is filled (default: exact)
  --json    prints the results as JSON instead of a table
Writes test/lab/results/matrix.{json,md} when all cells ran. Fails when a token is wrong, a sound stage moved, or a goal is missed.`

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
    } catch (thrown) {
      throw new Error(`cell ${cellName(cell)} could not be run`, { cause: thrown })
    }
  }
  if (values.json) console.log(JSON.stringify(results, undefined, 2))
  if (values.cells === undefined) await keep(results, replay)
  return results.every(isAsItMustBe)
}

async function keep(results: readonly CellResult[], replay: ReplayMode): Promise<void> {
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`
  const folder = fileURLToPath(new URL('results/', import.meta.url))
  const name = replay === 'exact' ? 'matrix' : `matrix-${replay}`
  const table = [...tableHead, ...results.map(tableRow)].join('\n')
  await mkdir(folder, { recursive: true })
  const json = JSON.stringify({ machine, replay, results }, undefined, 2)
  await writeFile(`${folder}${name}.json`, `${json}\n`)
  await writeFile(`${folder}${name}.md`, `${machine}, ${replay} replay\n\n${table}\n`)
}
