import { randomBytes } from 'node:crypto'
import { cp } from 'node:fs/promises'
import path from 'node:path'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import type { Figure } from '../goal.ts'
import type { Imported } from './import-rate.ts'
import { runWorker, type Worker, type WorkerResult } from './run-worker.ts'

const seeders = 3
const bulkBytes = 500_000_000

/** Layers from three seeders on loopback, against one bare Hyperswarm connection; each peer is a process. */
export async function fetchRate(
  imported: Imported,
  layers: number,
  folder: string
): Promise<readonly Figure[]> {
  const testnet = await createTestnet(3)
  try {
    const bare = await bareRate(testnet)
    const fetched = await fetchFrom(testnet, imported, { first: 0, end: layers - 1 }, folder)
    const rate = fetched.bytes / fetched.seconds
    return [
      { name: 'one bare Hyperswarm connection', value: bare / 1e6, unit: 'MB/s' },
      {
        name: 'fetch rate from 3 seeders against that',
        value: rate / bare,
        unit: '',
        goal: { atLeast: 0.7 }
      },
      {
        name: 'bytes received against those of the blocks',
        value: fetched.received / fetched.bytes,
        unit: '',
        goal: { atMost: 1.02 }
      },
      {
        name: 'peak memory while fetching',
        value: fetched.megabytes,
        unit: 'MB',
        goal: { atMost: 300 }
      }
    ]
  } finally {
    await testnet.destroy()
  }
}

async function bareRate({ bootstrap }: Testnet): Promise<number> {
  const meeting = { topic: randomBytes(32).toString('hex'), bootstrap }
  const sender = await runWorker('bulk-send', meeting)
  try {
    const { result } = await runWorker('bulk-receive', { ...meeting, bytes: bulkBytes })
    return result.bytes / result.seconds
  } finally {
    sender.stop()
  }
}

async function fetchFrom(
  { bootstrap }: Testnet,
  imported: Imported,
  range: { readonly first: number; readonly end: number },
  folder: string
): Promise<WorkerResult> {
  const meeting = { topic: randomBytes(32).toString('hex'), bootstrap }
  const running: Worker[] = []
  try {
    for (let index = 0; index < seeders; index++) {
      // A store of an imported file is small: the file itself is not in it.
      const store = path.join(folder, `seeder-${index}`)
      await cp(imported.store, store, { recursive: true })
      running.push(await runWorker('seed', { ...meeting, store }))
    }
    const store = path.join(folder, 'fetched')
    const job = { ...meeting, store, key: imported.key, range, peers: seeders }
    return (await runWorker('fetch', job)).result
  } finally {
    for (const worker of running) worker.stop()
  }
}
