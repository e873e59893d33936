import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import DHT from 'hyperdht'
import createTestnet from 'hyperdht/testnet.js'
import Hyperswarm from 'hyperswarm'
import { modelKeySchema } from '#contract/model.ts'
import { WeightsStore } from '#weights/weights-store.ts'
import type { Figure } from '../goal.ts'
import type { Imported } from './import-rate.ts'
import { endWorker, startWorker, type BenchRun } from './run-worker.ts'

const capSeconds = 60
const capBytesPerSecond = 2_000_000
const kills = 20

/** A seeder under a cap, and a fetch that is killed again and again. */
export async function capAndKills(
  imported: Imported,
  { folder, signal, step }: BenchRun
): Promise<readonly Figure[]> {
  const seeder = await WeightsStore.open(imported.store)
  const testnet = await createTestnet(3)
  const dht = new DHT({ bootstrap: testnet.bootstrap, host: '127.0.0.1', firewalled: false })
  const swarm = new Hyperswarm({ keyPair: DHT.keyPair(), dht })
  swarm.on('connection', (connection) => {
    connection.on('error', () => undefined)
    seeder.attach(connection)
  })
  const topic = randomBytes(32)
  await swarm.join(topic, { server: true, client: false }).flushed()
  const meeting = { topic: topic.toString('hex'), bootstrap: testnet.bootstrap }
  const start = (name: string): ReturnType<typeof startWorker> => {
    const job = { ...meeting, store: path.join(folder, name), key: imported.key }
    return startWorker('fetch-on', job, signal)
  }
  try {
    step(`Uploading under a cap for ${capSeconds} s`)
    const cap = await underCap(seeder, () => start('capped'), signal)
    return [cap, await killed(seeder, imported, () => start('killed'), { signal, step })]
  } finally {
    await swarm.destroy()
    await testnet.destroy()
    await seeder.close()
  }
}

type Start = () => ReturnType<typeof startWorker>

async function underCap(seeder: WeightsStore, start: Start, signal: AbortSignal): Promise<Figure> {
  limit(seeder, capBytesPerSecond)
  const before = seeder.usage().uploadedBytes
  const child = start()
  while (seeder.usage().uploadedBytes === before) await sleep(10, undefined, { signal })
  const begun = performance.now()
  const first = seeder.usage().uploadedBytes
  await sleep(capSeconds * 1000, undefined, { signal })
  const bytes = seeder.usage().uploadedBytes - first
  const seconds = (performance.now() - begun) / 1000
  await endWorker(child)
  return {
    name: 'bytes over 60 s against the upload cap, from 0.95',
    value: bytes / seconds / capBytesPerSecond,
    unit: '',
    goal: { atMost: 1.02 }
  }
}

async function killed(
  seeder: WeightsStore,
  { key }: Imported,
  start: Start,
  { signal, step }: Pick<BenchRun, 'signal' | 'step'>
): Promise<Figure> {
  const bytes = (await seeder.model(modelKeySchema.parse(key))).info.bytes
  // Slow enough that a fetch is never done before it is killed.
  limit(seeder, 100_000_000)
  const before = seeder.usage().uploadedBytes
  for (let kill = 0; kill < kills; kill++) {
    step(`Killing a fetch, ${kill + 1} of ${kills}`)
    const child = start()
    const goal = ((kill + Math.random()) / kills) * bytes
    for await (const line of createInterface({ input: child.stdout })) {
      if (Number(line) >= goal) break
    }
    await endWorker(child)
    signal.throwIfAborted()
  }
  step('Fetching the rest')
  limit(seeder, Infinity)
  const last = start()
  last.stdout.resume()
  await once(last, 'exit', { signal })
  const twice = (seeder.usage().uploadedBytes - before) / bytes - 1
  return {
    name: `bytes fetched twice after ${kills} SIGKILLs`,
    value: twice * 100,
    unit: '%',
    goal: { atMost: 2 }
  }
}

function limit(seeder: WeightsStore, bytesPerSecond: number): void {
  seeder.setUploadLimits({ isAllowed: true, bytesPerSecond, bytesPerMonth: Infinity })
}
