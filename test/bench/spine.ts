import path from 'node:path'
import { writeBenchmarkModel } from '#test/support/models/benchmark-model.ts'
import { cacheFolder } from './cache-folder.ts'
import { chainSpeed } from './chain-speed.ts'
import { firstAnswer } from './first-answer.ts'
import type { Figure } from './goal.ts'
import { buildRivals } from './rivals/build-rivals.ts'
import { keepOnce } from './keep-once.ts'
import { sessionsTogether } from './sessions-together.ts'
import { tapOverhead } from './tap-overhead.ts'

/** The spine: a chain of two stages against llama.cpp itself, on a model of TinyLlama's shape. */
export async function suite(log: (line: string) => void): Promise<readonly Figure[]> {
  const cache = await cacheFolder()
  const rivals = await buildRivals(log)
  const model = await benchmarkModel(cache, log)
  return [
    ...(await chainSpeed(rivals, model, cache, log)),
    ...(await sessionsTogether(rivals, model, cache, log)),
    await tapOverhead(model, cache),
    await firstAnswer()
  ]
}

function benchmarkModel(cache: string, log: (line: string) => void): Promise<string> {
  return keepOnce(path.join(cache, 'benchmark-1b-q4_0.gguf'), (unfinished) => {
    log('Writing the benchmark model (630 MB, once) ...')
    return writeBenchmarkModel(unfinished)
  })
}
