import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { benchmarkSpec } from '#test/support/models/benchmark-model.ts'
import { writeRandomModel } from '#test/support/models/random-model.ts'
import { cacheFolder } from './cache-folder.ts'
import type { Figure } from './goal.ts'
import { keepOnce } from './keep-once.ts'
import { capAndKills } from './weights/cap-and-kills.ts'
import { fetchRate } from './weights/fetch-rate.ts'
import { importRate } from './weights/import-rate.ts'

/** Some 2 GB as Q4_0. */
const spec = { ...benchmarkSpec, layers: 78 }
/** The model, and two copies that are fetched one after the other; the first of them is deleted before the second. */
const neededBytes = 7e9
/** Ends whatever hangs. A quiet machine with two cores takes less than half of it. */
const longestMs = 8 * 60_000
const folderPrefix = 'weights-'

/** Importing, fetching and seeding a model of 2 GB. */
export async function suite(log: (line: string) => void): Promise<readonly Figure[]> {
  const cache = await cacheFolder()
  await removeLeftovers(cache)
  await requireRoom(cache)
  const model = await keepOnce(path.join(cache, 'benchmark-2gb-q4_0.gguf'), (unfinished) => {
    log('Writing the benchmark model (2 GB, once) ...')
    return writeRandomModel(unfinished, spec)
  })
  const folder = await mkdtemp(path.join(cache, folderPrefix))
  const signal = AbortSignal.any([AbortSignal.timeout(longestMs), untilStopped()])
  const step = stepsOf(log)
  try {
    step('Importing')
    const imported = await importRate(model, folder, signal)
    const fetched = await fetchRate(imported, spec.layers, { folder, signal, step })
    return [
      ...imported.figures,
      ...fetched,
      ...(await capAndKills(imported, { folder, signal, step }))
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Aborts when the person, or the system, ends this process: what it started ends with it, and what it wrote is deleted. */
function untilStopped(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  return stop.signal
}

/** Says what begins, and how long it has been since the start. */
function stepsOf(log: (line: string) => void): (what: string) => void {
  const started = performance.now()
  return (what) =>
    log(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${what} ...`)
}

/** Of runs that were killed. */
async function removeLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(folderPrefix)) await rm(path.join(cache, name), { recursive: true })
  }
}

async function requireRoom(cache: string): Promise<void> {
  const { bavail, bsize } = await statfs(cache)
  const free = bavail * bsize
  if (free >= neededBytes) return
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)
  throw new Error(
    `${cache} has ${gigabytes(free)} GB free; this needs ${gigabytes(neededBytes)} GB.`
  )
}
