/** One process of the weights benchmark: `node worker.ts <job> <JSON>`. Prints one line of JSON when it has something to say. */
import { once } from 'node:events'
import DHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import type SecretStream from '@hyperswarm/secret-stream'
import { z } from 'zod'
import { layerRangeSchema, modelKeySchema } from '#contract/model.ts'
import { WeightsStore } from '#weights/weights-store.ts'

const chunk = Buffer.alloc(64 * 1024, 7)

const jobSchema = z.object({
  store: z.string().default(''),
  file: z.string().default(''),
  key: modelKeySchema.optional(),
  range: layerRangeSchema.optional(),
  topic: z.string().default(''),
  bootstrap: z.array(z.object({ host: z.string(), port: z.int() })).default([]),
  /** Connections to wait for. */
  peers: z.int().default(1),
  bytes: z.number().default(0)
})
type Job = z.infer<typeof jobSchema>

const jobs: Readonly<Record<string, (job: Job) => Promise<void>>> = {
  async import({ store: folder, file }) {
    const store = await WeightsStore.open(folder)
    const started = performance.now()
    const { info } = await store.importFile(file)
    say({ seconds: secondsSince(started), key: info.key })
    await store.close()
  },

  /** Gives blocks to whoever comes, until it is killed. */
  async seed(job) {
    const store = await WeightsStore.open(job.store)
    store.setUploadLimits({ isAllowed: true, bytesPerSecond: Infinity, bytesPerMonth: Infinity })
    await meet(job, true, (connection) => store.attach(connection))
    say({})
  },

  async fetch(job) {
    const store = await WeightsStore.open(job.store)
    const connections = await meetAll(job)
    const started = performance.now()
    for (const connection of connections) store.attach(connection)
    if (job.key === undefined) throw new Error('no key')
    await store.fetch(job.key, job.range)
    const received = connections.reduce((sum, { rawBytesRead }) => sum + rawBytesRead, 0)
    say({ seconds: secondsSince(started), bytes: store.usage().downloadedBytes, received })
    await store.close()
  },

  /** Prints a line with the bytes it has after each step; may be killed at any moment. */
  async 'fetch-on'(job) {
    const store = await WeightsStore.open(job.store)
    await meet(job, false, (connection) => store.attach(connection))
    if (job.key === undefined) throw new Error('no key')
    await store.fetch(job.key, undefined, {
      onProgress: ({ doneBytes }) => process.stdout.write(`${doneBytes}\n`)
    })
    await store.close()
  },

  /** Writes as fast as the other end reads, until it is killed. */
  async 'bulk-send'(job) {
    await meet(job, true, (connection) => {
      const write = (): void => {
        while (connection.write(chunk));
      }
      connection.on('drain', write)
      write()
    })
    say({})
  },

  async 'bulk-receive'(job) {
    const [connection] = await meetAll(job)
    if (connection === undefined) throw new Error('nobody came')
    const started = performance.now()
    let bytes = 0
    await new Promise<void>((resolve) => {
      connection.on('data', (data) => {
        if (data instanceof Uint8Array) bytes += data.length
        if (bytes >= job.bytes) resolve()
      })
    })
    say({ seconds: secondsSince(started), bytes })
  }
}

async function meet(
  job: Job,
  isServer: boolean,
  onConnection: (connection: SecretStream) => void
): Promise<void> {
  const dht = new DHT({ bootstrap: job.bootstrap, host: '127.0.0.1', firewalled: false })
  const swarm = new Hyperswarm({ keyPair: DHT.keyPair(), dht })
  swarm.on('connection', (connection) => {
    connection.on('error', () => undefined)
    onConnection(connection)
  })
  await swarm.join(Buffer.from(job.topic, 'hex'), { server: isServer, client: !isServer }).flushed()
}

async function meetAll(job: Job): Promise<SecretStream[]> {
  const connections: SecretStream[] = []
  const { promise, resolve } = Promise.withResolvers<undefined>()
  await meet(job, false, (connection) => {
    if (connections.push(connection) === job.peers) resolve(undefined)
  })
  await promise
  return connections
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}

function say(result: Readonly<Record<string, unknown>>): void {
  const megabytes = process.resourceUsage().maxRSS / 1024
  process.stdout.write(`${JSON.stringify({ ...result, megabytes })}\n`)
}

const [name = '', text = '{}'] = process.argv.slice(2)
const job = jobs[name]
if (job === undefined) throw new Error(`no job ${name}`)
await job(jobSchema.parse(JSON.parse(text)))
if (name === 'seed' || name === 'bulk-send') await once(process, 'SIGTERM')
process.exit()
