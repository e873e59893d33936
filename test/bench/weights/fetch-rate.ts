import { randomBytes } from 'node:crypto'
import { cp, rm } from 'node:fs/promises'
import path from 'node:path'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import type { Figure } from '../goal.ts'
import type { Imported } from './import-rate.ts'
import { runWorker, type BenchRun, type Worker, type WorkerResult } from './run-worker.ts'

const seeders = 3
const bulkBytes = 500_000_000

/** Layers from three seeders on loopback, against one bare Hyperswarm connection before and after; each peer is a process. */
export async function fetchRate(
  imported: Imported,
  layers: number,
  run: BenchRun
): Promise<readonly Figure[]> {
  const testnet = await createTestnet(3)
  try {
    run.step('Sending over a bare connection')
    const before = await bareRate(testnet, run.signal)
    run.step('Fetching from three seeders')
    const fetched = await fetchFrom(testnet, imported, { first: 0, end: layers - 1 }, run)
    run.step('Sending over a bare connection again')
    const bare = (before + (await bareRate(testnet, run.signal))) / 2
    const rate = fetched.bytes / fetched.seconds
    return [
      { name: 'one bare Hyperswarm connection', value: bare / 1e6, unit: 'MB/s' },
      { name: 'fetch rate from 3 seeders', value: rate / 1e6, unit: 'MB/s' },
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

async function bareRate({ bootstrap }: Testnet, signal: AbortSignal): Promise<number> {
  const meeting = { topic: randomBytes(32).toString('hex'), bootstrap }
  const sender = await runWorker('bulk-send', meeting, signal)
  try {
    const receiver = await runWorker('bulk-receive', { ...meeting, bytes: bulkBytes }, signal)
    await receiver.stop()
    return receiver.result.bytes / receiver.result.seconds
  } finally {
    await sender.stop()
  }
}

async function fetchFrom(
  { bootstrap }: Testnet,
  imported: Imported,
  range: { readonly first: number; readonly end: number },
  { folder, signal }: BenchRun
): Promise<WorkerResult> {
  const meeting = { topic: randomBytes(32).toString('hex'), bootstrap }
  const running: Worker[] = []
  const store = path.join(folder, 'fetched')
  try {
    for (let index = 0; index < seeders; index++) {
      // A store of an imported file is small: the file itself is not in it.
      const seeding = path.join(folder, `seeder-${index}`)
      await cp(imported.store, seeding, { recursive: true })
      running.push(await runWorker('seed', { ...meeting, store: seeding }, signal))
    }
    const job = { ...meeting, store, key: imported.key, range, peers: seeders }
    const fetching = await runWorker('fetch', job, signal)
    await fetching.stop()
    return fetching.result
  } finally {
    for (const worker of running) await worker.stop()
    await rm(store, { recursive: true, force: true })
  }
}
