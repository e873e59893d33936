import crypto from 'hypercore-crypto'
import path from 'node:path'
import { openFileSource } from '#model/byte-source.ts'
import { chunksFrom } from '#weights/model-key.ts'
import type { Figure } from '../goal.ts'
import { runWorker } from './run-worker.ts'

export interface Imported {
  readonly store: string
  readonly key: string
  readonly figures: readonly Figure[]
}

/** Importing a file against hashing it with BLAKE2b alone. The file is in the system's cache for both. */
export async function importRate(
  model: string,
  folder: string,
  signal: AbortSignal
): Promise<Imported> {
  await hashAlone(model)
  const seconds = await hashAlone(model)
  const store = path.join(folder, 'imported')
  const { result } = await runWorker('import', { store, file: model }, signal)
  return {
    store,
    key: result.key,
    figures: [
      {
        name: 'import rate against BLAKE2b alone',
        value: seconds / result.seconds,
        unit: '',
        goal: { atLeast: 0.4 }
      },
      {
        name: 'peak memory while importing',
        value: result.megabytes,
        unit: 'MB',
        goal: { atMost: 300 }
      }
    ]
  }
}

async function hashAlone(model: string): Promise<number> {
  const source = await openFileSource(model)
  try {
    const started = performance.now()
    for await (const chunk of chunksFrom(source, 0)) crypto.hash(chunk)
    return (performance.now() - started) / 1000
  } finally {
    await source.close()
  }
}
