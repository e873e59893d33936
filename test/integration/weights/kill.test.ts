import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { writeRandomModel } from '#test/support/models/random-model.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { serveStore } from '#test/support/weights/serve-store.ts'
import { openStore } from '#test/support/weights/store-fixture.ts'

const entry = new URL('../../support/weights/fetch-process.ts', import.meta.url)

test('a fetch killed at any moment goes on, and every byte of it is right', async () => {
  const file = path.join(temporaryFolder(), 'model.gguf')
  await writeRandomModel(file, {
    architecture: 'llama',
    layers: 8,
    width: 256,
    heads: 4,
    kvHeads: 2,
    headLength: 64,
    feedForward: 512,
    vocabulary: 300,
    type: 'F32'
  })
  const seeder = await openStore()
  const { info } = await seeder.importFile(file)
  // Slow enough that a fetch lasts over several of its own reports.
  const limits = { isAllowed: true, bytesPerMonth: Infinity }
  seeder.setUploadLimits({ ...limits, bytesPerSecond: 4_000_000 })
  const port = await serveStore(seeder)
  const folder = temporaryFolder()

  const killedAt: number[] = []
  for (const part of [0.2, 0.4, 0.7]) {
    killedAt.push(await fetchUntil(folder, info.key, port, part * info.bytes))
  }
  expect(killedAt.every((bytes) => bytes < info.bytes)).toBe(true)
  // Each process began with what the one before it had.
  expect(killedAt).toEqual(killedAt.toSorted((a, b) => a - b))

  seeder.setUploadLimits({ ...limits, bytesPerSecond: Infinity })
  await fetchUntil(folder, info.key, port, Infinity)
  const store = await openStore(folder)
  expect(await store.model(info.key)).toMatchObject({ state: 'whole' })
  const source = store.source(info.key)
  expect(readFileSync(file).equals(await source.read(0, source.size))).toBe(true)
})

/** Runs a fetch in a process of its own and kills it when it has so many bytes. Resolves to what it said last. */
async function fetchUntil(
  folder: string,
  key: string,
  port: number,
  bytes: number
): Promise<number> {
  const child = spawn(process.execPath, [entry.pathname, folder, key, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [last] = await Promise.all([readLines(child, bytes), once(child, 'exit')])
  return last
}

async function readLines(child: ChildProcess, bytes: number): Promise<number> {
  let last = 0
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'done') continue
    last = Number(line)
    if (last >= bytes) child.kill('SIGKILL')
  }
  return last
}
