import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { ImportProgress } from '#contract/weights.ts'
import { tinySpec } from '#test/support/engine/tiny-model.ts'
import { writeRandomModel } from '#test/support/models/random-model.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { serveFile } from '#test/support/weights/file-server.ts'
import { connectToNode, type RunningNode } from '../../../src-main/cli/running-node.ts'

const entry = fileURLToPath(new URL('../../../src-main/headless.ts', import.meta.url))

interface NodeProcess {
  readonly child: ChildProcess
  readonly node: RunningNode
}

/** A node in a process of its own, as `npm start` runs it without a window. */
async function startProcess(homeFolder: string): Promise<NodeProcess> {
  const child = spawn(process.execPath, [entry, '--json'], {
    env: { ...process.env, SKEIN_HOME: homeFolder },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const told = once(createInterface({ input: child.stdout }), 'line')
  await Promise.race([told, once(child, 'exit').then(() => Promise.reject(new Error('it ended')))])
  return { child, node: await connectToNode(homeFolder) }
}

async function kill({ child, node }: NodeProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  node.close()
  await gone
}

/** Resolves when an import has come so far. */
async function until(
  { node: { client } }: NodeProcess,
  id: string,
  isReached: (progress: ImportProgress) => boolean
): Promise<void> {
  for await (const { progress, error } of client.stream('transfers.watch', { id })) {
    if (error !== undefined) throw new Error(JSON.stringify(error))
    if (progress !== undefined && 'phase' in progress && isReached(progress)) return
  }
}

/** Bytes that a request asks for. */
function lengthOf(range: string | undefined): number {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
  return last === undefined ? 0 : Number(last) - Number(first) + 1
}

test('a node that is killed while it adds a model goes on with it by itself', async () => {
  const file = path.join(temporaryFolder(), 'model.gguf')
  // About 24 MB: several of the pieces in which a download comes.
  const size = { width: 512, headLength: 128, feedForward: 1536, type: 'F32' } as const
  await writeRandomModel(file, { ...tinySpec, ...size })
  const bytes = readFileSync(file)
  const half = bytes.length / 2
  let isHeld = true
  const server = await serveFile(bytes, {
    misbehave: ({ headers }) => isHeld && Number(/=(\d+)/.exec(headers.range ?? '')?.[1]) > half
  })
  const homeFolder = temporaryFolder()
  const first = await startProcess(homeFolder)
  const { id } = await first.node.client.call('models.add', {
    source: 'hf:owner/repository/model.gguf',
    endpoint: server.origin
  })
  await until(first, id, ({ doneBytes }) => doneBytes > half)
  await kill(first)

  isHeld = false
  const asked = server.requests.length
  const second = await startProcess(homeFolder)
  await until(second, id, ({ phase }) => phase !== 'downloading')
  // What had come was not asked for again.
  const again = server.requests.slice(asked).map(({ range }) => lengthOf(range))
  expect(again.reduce((sum, length) => sum + length, 0)).toBeLessThan(bytes.length)
  await kill(second)

  const third = await startProcess(homeFolder)
  const { client } = third.node
  for await (const { models } of client.stream('status.watch', {})) {
    if (models.some(({ bytes: length }) => length === bytes.length)) break
  }
  expect(await client.call('models.list', {})).toMatchObject([{ state: 'whole' }])
  expect(await client.call('transfers.list', {})).toEqual([])
  await kill(third)
})
