import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { ReplayMode } from '#contract/stage.ts'
import { allCells, cellName } from './cells.ts'
import { tableHead, tableRow } from './matrix-table.ts'
import type { CellResult } from './run-cell.ts'

/** The latest result of each cell that ever ran, and its row. */
const keptSchema = z.object({
  machine: z.string(),
  cells: z.record(z.string(), z.object({ row: z.string(), result: z.unknown() }))
})

const folder = fileURLToPath(new URL('../results/', import.meta.url))

/** Puts a cell's result in the place of its last one, in test/lab/results. */
export async function keepResult(result: CellResult, replay: ReplayMode): Promise<void> {
  const name = replay === 'exact' ? 'matrix' : `matrix-${replay}`
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`
  const before = await keptCells(`${folder}${name}.json`)
  const cells = { ...before, [cellName(result.cell)]: { row: tableRow(result), result } }
  const rows = allCells.flatMap((cell) => cells[cellName(cell)]?.row ?? [])
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}${name}.json`, `${JSON.stringify({ machine, cells }, undefined, 2)}\n`)
  const table = [...tableHead, ...rows].join('\n')
  await writeFile(`${folder}${name}.md`, `${machine}, ${replay} replay\n\n${table}\n`)
}

async function keptCells(file: string): Promise<z.infer<typeof keptSchema>['cells']> {
  try {
    return keptSchema.parse(JSON.parse(await readFile(file, 'utf8'))).cells
  } catch {
    // None ran yet, or what was kept is of an older shape.
    return {}
  }
}
