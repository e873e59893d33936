import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { figureTable, meetsGoal, type Figure } from './goal.ts'

/** A benchmark measures ratios against a rival in the same run; absolute figures only describe the machine. */
export type Suite = (log: (line: string) => void) => Promise<readonly Figure[]>

const suites: Readonly<Record<string, () => Promise<{ suite: Suite }>>> = {
  spine: () => import('./spine.ts'),
  weights: () => import('./weights.ts')
}

const help = `npm run bench [-- <suite> ...]

Runs benchmarks and writes their figures to test/bench/results/<suite>.{json,md}.
Suites: ${Object.keys(suites).join(', ')} (default: all).
SKEIN_BENCH_CACHE names the folder where rivals and generated models are kept.`

async function runSuite(name: string): Promise<boolean> {
  const load = suites[name]
  if (load === undefined) throw new Error(`There is no suite "${name}".\n\n${help}`)
  const { suite } = await load()
  const figures = await suite((line) => console.log(line))
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`
  const table = figureTable(figures)
  const folder = fileURLToPath(new URL('results/', import.meta.url))
  await mkdir(folder, { recursive: true })
  await writeFile(
    `${folder}${name}.json`,
    `${JSON.stringify({ machine, figures }, undefined, 2)}\n`
  )
  await writeFile(`${folder}${name}.md`, `${machine}\n\n${table}\n`)
  console.log(`\n${table}`)
  return figures.every(meetsGoal)
}

const names = process.argv.slice(2)
if (names.includes('--help')) console.log(help)
else {
  const outcomes: boolean[] = []
  for (const name of names.length > 0 ? names : Object.keys(suites))
    outcomes.push(await runSuite(name))
  if (outcomes.includes(false)) process.exitCode = 1
}
