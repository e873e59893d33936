import { mkdtemp, rm } from 'node:fs/promises'
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

/** Importing, fetching and seeding a model of 2 GB. */
export async function suite(log: (line: string) => void): Promise<readonly Figure[]> {
  const cache = await cacheFolder()
  const model = await keepOnce(path.join(cache, 'benchmark-2gb-q4_0.gguf'), (unfinished) => {
    log('Writing the benchmark model (2 GB, once) ...')
    return writeRandomModel(unfinished, spec)
  })
  const folder = await mkdtemp(path.join(cache, 'weights-'))
  try {
    log('Importing ...')
    const imported = await importRate(model, folder)
    log('Fetching ...')
    return [
      ...imported.figures,
      ...(await fetchRate(imported, spec.layers, folder)),
      ...(await capAndKills(imported, folder, log))
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
