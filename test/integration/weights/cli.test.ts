import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { modelInfoSchema } from '#contract/model.ts'
import { tinySpec } from '#test/support/engine/tiny-model.ts'
import { randomAdapterBytes } from '#test/support/models/random-adapter.ts'
import { randomModelBytes } from '#test/support/models/random-model.ts'
import { fakeIo } from '#test/support/cli/fake-io.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { serveFile } from '#test/support/weights/file-server.ts'
import { WeightsStore } from '#weights/weights-store.ts'
import {
  runModelAdd,
  runModelFetch,
  runModelRemove,
  runModelSeed,
  runModelVerify
} from '../../../src-main/cli/model-store.ts'
import { runModelResume, runModelTransfers } from '../../../src-main/cli/model-transfers.ts'
import { runModelList, runModelShow } from '../../../src-main/cli/model.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const embedded = path.join(root, 'resources/models/skein-tiny-q8_0.gguf')
const storedSchema = z.object({ info: modelInfoSchema, state: z.string(), seeding: z.boolean() })

function copyOfModel(): string {
  const file = path.join(temporaryFolder(), 'mine.gguf')
  copyFileSync(embedded, file)
  return file
}

test('a model is added, listed, shown, and removed; its file stays', async () => {
  const home = temporaryFolder()
  const file = copyOfModel()
  const adding = fakeIo(home)
  await runModelAdd(adding, file)
  const key = adding.printed.at(-1)?.split('\n').at(-1) ?? ''
  expect(key).toMatch(/^[0-9a-f]{64}$/)

  const listing = fakeIo(home)
  await runModelList(listing)
  expect(listing.printed.join()).toContain(`${key.slice(0, 16)}  whole, ${file}`)
  const showing = fakeIo(home)
  await runModelShow(showing, key.slice(0, 8))
  expect(showing.printed.join()).toContain(key)

  const removing = fakeIo(home)
  await runModelRemove(removing, key)
  expect(removing.printed.join()).toContain(`The file stays: ${file}`)
  expect(existsSync(file)).toBe(true)
  await expect(runModelShow(fakeIo(home), key)).rejects.toMatchObject({ code: 'model-not-here' })
})

test('a model is downloaded and added, and its file goes when it is removed', async () => {
  const bytes = readFileSync(embedded)
  const server = await serveFile(bytes)
  const home = temporaryFolder()
  const adding = fakeIo(home, true)
  await runModelAdd(adding, 'hf:owner/repository/web.gguf', {
    env: { HF_ENDPOINT: server.origin }
  })
  const { info, state } = storedSchema.parse(JSON.parse(adding.printed.at(-1) ?? ''))
  expect(state).toBe('whole')
  expect(server.requests[0]?.path).toBe('/owner/repository/resolve/main/web.gguf')
  const file = path.join(home, 'weights/files/web.gguf')
  expect(readFileSync(file).equals(bytes)).toBe(true)
  await runModelRemove(fakeIo(home), info.key)
  expect(existsSync(file)).toBe(false)
})

test('Ctrl-C pauses and says how to go on', async () => {
  const before = process.exitCode
  onTestFinished(() => {
    process.exitCode = before
  })
  const leaving = new AbortController()
  let isHeld = true
  const server = await serveFile(readFileSync(embedded), {
    misbehave: ({ method }) => {
      if (!isHeld || method !== 'GET') return false
      // Ctrl-C comes as soon as bytes are waited for.
      leaving.abort()
      return true
    }
  })
  const home = temporaryFolder()
  const address = 'hf:owner/repository/web.gguf'
  const env = { HF_ENDPOINT: server.origin }
  const stopped = fakeIo(home, false, leaving.signal)
  await runModelAdd(stopped, address, { env })
  expect(stopped.printed).toEqual([`Paused. To go on: npm run skein -- model add ${address}`])
  expect(process.exitCode).toBe(130)
  const listing = fakeIo(home, true)
  await runModelTransfers(listing)
  expect(JSON.parse(listing.printed[0] ?? '')).toMatchObject([{ id: address, state: 'paused' }])

  isHeld = false
  const resumed = fakeIo(home)
  await runModelResume(resumed, 'web.gguf')
  expect(resumed.printed.join()).toMatch(/ is here\.\n[0-9a-f]{64}$/)
})

test('while another program has the store, every command says so and changes nothing', async () => {
  const home = temporaryFolder()
  const store = await WeightsStore.open(path.join(home, 'weights'))
  const refused = { code: 'weights-in-use' }
  await expect(runModelAdd(fakeIo(home), copyOfModel())).rejects.toMatchObject(refused)
  await expect(runModelList(fakeIo(home))).rejects.toMatchObject(refused)
  await store.close()
  const io = fakeIo(home, true)
  await runModelTransfers(io)
  expect(io.printed).toEqual(['[]'])
})

test('without a running Skein nothing can be fetched, and a mistyped key is none', async () => {
  const io = fakeIo(temporaryFolder())
  await expect(runModelFetch(io, '5'.repeat(64), undefined)).rejects.toMatchObject({
    code: 'no-network'
  })
  await expect(runModelFetch(io, 'abc', undefined)).rejects.toMatchObject({ code: 'invalid-input' })
})

test('a model is checked: what is damaged is told, with exit code 1', async () => {
  const before = process.exitCode
  onTestFinished(() => {
    process.exitCode = before
  })
  const home = temporaryFolder()
  const file = copyOfModel()
  await runModelAdd(fakeIo(home), file)
  const whole = fakeIo(home, true)
  await runModelVerify(whole, 'mine.gguf')
  expect(JSON.parse(whole.printed[0] ?? '')).toMatchObject({ damagedBlocks: 0 })
  expect(process.exitCode).toBe(before)

  const bytes = readFileSync(file)
  bytes[100_000] = (bytes[100_000] ?? 0) ^ 1
  writeFileSync(file, bytes)
  const damaged = fakeIo(home)
  await runModelVerify(damaged, 'mine.gguf')
  expect(damaged.printed.join()).toContain('1 damaged')
  expect(process.exitCode).toBe(1)
})

test('seeding is turned off and on, and nothing else is understood', async () => {
  const home = temporaryFolder()
  await runModelAdd(fakeIo(home), copyOfModel())
  for (const value of ['off', 'on']) {
    const io = fakeIo(home, true)
    await runModelSeed(io, 'mine.gguf', value)
    const { seeding } = storedSchema.parse(JSON.parse(io.printed[0] ?? ''))
    expect(seeding).toBe(value === 'on')
  }
  await expect(runModelSeed(fakeIo(home), 'mine.gguf', 'maybe')).rejects.toMatchObject({
    code: 'invalid-input'
  })
})

test('an adapter is added to its model, listed and shown as what it is', async () => {
  const home = temporaryFolder()
  const folder = temporaryFolder()
  const [model, adapter] = [path.join(folder, 'tiny.gguf'), path.join(folder, 'pirate.gguf')]
  writeFileSync(model, randomModelBytes(tinySpec))
  writeFileSync(adapter, randomAdapterBytes(tinySpec, { rank: 8 }))
  await runModelAdd(fakeIo(home), model)
  await expect(runModelAdd(fakeIo(home), adapter)).rejects.toMatchObject({
    code: 'model-is-adapter'
  })
  const adding = fakeIo(home)
  await runModelAdd(adding, adapter, { base: 'random-llama' })
  expect(adding.printed.at(-1)).toContain('Added Random adapter.')

  const listing = fakeIo(home)
  await runModelList(listing)
  expect(listing.printed.join()).toContain('Random adapter  adapter of rank 8 for ')
  const showing = fakeIo(home)
  await runModelShow(showing, 'pirate.gguf')
  expect(showing.printed.join()).toContain('Changes         4 layers, the embedding, the head')
})

test('with --json, adding prints one object per line: progress, then the model', async () => {
  const out = await skein(temporaryFolder(), 'model', 'add', embedded, '--json')
  const lines = out.trim().split('\n')
  const { info, state } = storedSchema.parse(JSON.parse(lines.at(-1) ?? ''))
  expect(state).toBe('whole')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ progress: { totalBytes: info.bytes } })
})

test('every command is listed, and asking for help makes no store', async () => {
  const home = temporaryFolder()
  const out = await skein(home, 'model', '--help')
  const commands = ['add', 'fetch', 'list', 'show', 'verify', 'remove', 'seed']
  const more = ['transfers', 'pause', 'resume', 'cancel', 'host', 'release']
  for (const command of [...commands, ...more]) {
    expect(out).toContain(`  ${command} `)
  }
  expect(existsSync(path.join(home, 'weights'))).toBe(false)
})

/** What the command line prints, as a person runs it. */
function skein(homeFolder: string, ...parameters: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['src-main/cli.ts', ...parameters], {
      cwd: root,
      env: { ...process.env, SKEIN_HOME: homeFolder },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.on('error', reject)
    child.on('close', () => resolve(out))
  })
}
