import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { expect, test } from 'vitest'
import { generateRequestSchema, type GenerateEvent } from '#contract/chat.ts'
import type { NodeStatus } from '#contract/status.ts'
import { startNode, useNode } from '#test/support/node/start-node.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const question = generateRequestSchema.parse({
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'What is Skein?' }] },
  sampling: { temperature: 0 }
})
const never = AbortSignal.any([])
const shared = useNode()

async function collect(events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> {
  return Array.fromAsync(events)
}

test('the embedded model answers on this PC, with nothing lent and no network', async () => {
  const node = shared()
  const events = await collect(node.control.stream('chat.generate', question, never))
  const text = events.map((event) => (event.kind === 'text' ? event.text : '')).join('')
  expect(text.length).toBeGreaterThan(10)
  expect(events.at(-1)).toMatchObject({
    kind: 'end',
    finish: 'stop',
    report: { route: [{ range: { first: 0, end: 6 }, isLocal: true }] }
  })
  const status = await node.control.call('status.get', {}, never)
  expect(status).toMatchObject({
    lending: false,
    network: 'none',
    connectedPeers: 0,
    stages: [{ state: 'ready', range: { first: 0, end: 6 }, sessions: 0, slots: 8 }]
  })
  expect(status.models.map((model) => model.key)).toEqual([status.defaultModel])
})

test('a reader that leaves frees its place at once', async () => {
  const node = shared()
  for await (const event of node.chat.generate(question, never)) {
    if (event.kind === 'text') break
  }
  const { stages } = await node.control.call('status.get', {}, never)
  expect(stages.map((stage) => stage.sessions)).toEqual([0])
})

test('more questions than places: all are answered, and alike', async () => {
  const node = shared()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => collect(node.chat.generate(question, never)))
  )
  const ends = answers.map((events) => events.at(-1))
  expect(ends.every((end) => end?.kind === 'end' && end.finish === 'stop')).toBe(true)
})

test('a watcher sees the present status and each change', async () => {
  const node = await startNode()
  await node.ready
  const leaving = new AbortController()
  const seen: NodeStatus[] = []
  for await (const status of node.control.stream('status.watch', {}, leaving.signal)) {
    seen.push(status)
    if (status.lending) leaving.abort()
    else await node.control.call('settings.set', { name: 'lending', value: true }, never)
  }
  expect(seen.map((status) => status.lending)).toEqual([false, true])
})

test('a second node with the same folder is refused; after the first is closed it may come', async () => {
  const homeFolder = temporaryFolder()
  const first = await startNode({ homeFolder })
  await expect(startNode({ homeFolder })).rejects.toMatchObject({ code: 'home-in-use' })
  const { peer } = await first.control.call('status.get', {}, never)
  await first.close()
  const second = await startNode({ homeFolder })
  expect(await second.control.call('status.get', {}, never)).toMatchObject({ peer })
})

test('closing in the middle of an answer leaves no port and no control file', async () => {
  const homeFolder = temporaryFolder()
  const node = await startNode({ homeFolder })
  const port = node.api?.port ?? 0
  expect(existsSync(path.join(homeFolder, 'control.json'))).toBe(true)
  const answer = collect(node.chat.generate(question, never)).catch((error: unknown) => error)
  await node.ready
  await node.close()
  await answer
  expect(existsSync(path.join(homeFolder, 'control.json'))).toBe(false)
  await expect(connects(port)).resolves.toBe(false)
})

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

test('a model that cannot be read fails the start, and leaves the folder free', async () => {
  const homeFolder = temporaryFolder()
  const missing = path.join(homeFolder, 'none.gguf')
  await expect(startNode({ homeFolder, modelFiles: [missing] })).rejects.toMatchObject({
    code: 'model-not-found'
  })
  await startNode({ homeFolder })
})
