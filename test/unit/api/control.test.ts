import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { ControlClient } from '#contract/control-client.ts'
import { streamCredit, type ControlApi } from '#contract/control.ts'
import { SkeinError } from '#contract/errors.ts'
import { settingsSchema } from '#contract/settings.ts'
import { startApi, type ApiFixture } from '#test/support/api/api-fixture.ts'
import { fakeAnswer } from '#test/support/api/fake-answer.ts'
import { fakeControl } from '#test/support/api/fake-control.ts'

const { answer } = fakeAnswer([])
const request = { prompt: { kind: 'text' as const, text: 'Hi' } }

async function openSocket(control: ControlApi): Promise<{ socket: WebSocket; api: ApiFixture }> {
  const api = await startApi(answer, { control })
  const socket = new WebSocket(`ws://127.0.0.1:${api.port}/control`, {
    headers: { authorization: `Bearer ${api.token}` }
  })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return { socket, api }
}

async function openClient(control: ControlApi): Promise<ControlClient> {
  const { socket } = await openSocket(control)
  const client = new ControlClient((frame) => socket.send(JSON.stringify(frame)))
  socket.on('message', (data: Buffer) => client.receive(JSON.parse(data.toString())))
  socket.on('close', () => client.close(new SkeinError('not-running')))
  return client
}

function nextMessage(socket: WebSocket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString())))
  })
}

function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.once('close', resolve)
  })
}

/** Counts what is taken of one endless stream, and tells when that stops. */
function endless() {
  const stopped = Promise.withResolvers<undefined>()
  let made = 0
  const control = fakeControl(
    {},
    {
      async *'chat.generate'() {
        try {
          for (;;) yield await Promise.resolve({ kind: 'prefill', done: made++, total: 1 } as const)
        } finally {
          stopped.resolve(undefined)
        }
      }
    }
  )
  return { control, stopped: stopped.promise, made: () => made }
}

test('a call brings its one answer', async () => {
  const settings = settingsSchema.parse({ threads: 2 })
  const client = await openClient(fakeControl({ 'settings.get': () => Promise.resolve(settings) }))
  expect(await client.call('settings.get', {})).toEqual(settings)
})

test('an error arrives with its code', async () => {
  const client = await openClient(fakeControl())
  await expect(client.call('status.get', {})).rejects.toMatchObject({ code: 'not-running' })
})

test('input is validated at the edge: the handler never sees it', async () => {
  const client = await openClient(fakeControl())
  const generate = client.stream('chat.generate', { ...request, maxTokens: -1 })
  await expect(generate.next()).rejects.toMatchObject({ code: 'invalid-input' })
})

test('a reader that stops ends the work', async () => {
  const { control, stopped } = endless()
  const client = await openClient(control)
  for await (const event of client.stream('chat.generate', request)) {
    if (event.kind === 'prefill' && event.done === 200) break
  }
  await stopped
})

test('a signal ends the work', async () => {
  const { control, stopped } = endless()
  const client = await openClient(control)
  const leaving = new AbortController()
  const failed = (async () => {
    const events = client.stream('chat.generate', request, leaving.signal)
    for await (const event of events) if (event.kind === 'prefill') leaving.abort()
  })()
  await expect(failed).rejects.toMatchObject({ code: 'cancelled' })
  await stopped
})

test('a stream waits for its reader', async () => {
  const { control, made } = endless()
  const { socket } = await openSocket(control)
  let received = 0
  socket.on('message', () => received++)
  socket.send(JSON.stringify({ type: 'call', id: 1, procedure: 'chat.generate', input: request }))
  while (received < streamCredit) await once(socket, 'message')
  // Answered after everything that was sent before it: nothing more came.
  socket.send(JSON.stringify({ type: 'call', id: 2, procedure: 'nothing', input: {} }))
  await once(socket, 'message')
  expect(received).toBe(streamCredit + 1)
  expect(made()).toBeLessThanOrEqual(streamCredit + 1)
  socket.send(JSON.stringify({ type: 'credit', id: 1, count: 10 }))
  while (received < streamCredit + 11) await once(socket, 'message')
  expect(made()).toBeLessThanOrEqual(streamCredit + 11)
})

test('a socket that closes ends all its work', async () => {
  const { control, stopped } = endless()
  const { socket } = await openSocket(control)
  socket.send(JSON.stringify({ type: 'call', id: 1, procedure: 'chat.generate', input: request }))
  await once(socket, 'message')
  socket.terminate()
  await stopped
})

test('an unknown procedure is an answer, not a reason to hang up', async () => {
  const { socket } = await openSocket(fakeControl())
  socket.send(JSON.stringify({ type: 'call', id: 5, procedure: 'toString', input: {} }))
  expect(await nextMessage(socket)).toMatchObject({
    type: 'error',
    id: 5,
    error: { code: 'procedure-unknown' }
  })
})

test.each([
  ['no JSON', 'hello'],
  ['no frame', '{"type":"dance","id":1}'],
  ['an id that is no number', '{"type":"cancel","id":"1"}'],
  ['absurd credit', '{"type":"credit","id":1,"count":1e9}']
])('a socket that sends %s is closed', async (_name, text) => {
  const { socket } = await openSocket(fakeControl())
  socket.send(text)
  expect(await closeCode(socket)).toBe(1008)
})

test('an id that is in use, and too much at once, close the socket', async () => {
  for (const ids of [[1, 1], Array.from({ length: 65 }, (_, index) => index)]) {
    const { socket } = await openSocket(endless().control)
    for (const id of ids) {
      socket.send(JSON.stringify({ type: 'call', id, procedure: 'chat.generate', input: request }))
    }
    expect(await closeCode(socket)).toBe(1008)
  }
})

test('a closed channel fails what is on its way and what comes after', async () => {
  const client = new ControlClient(() => undefined)
  const waiting = client.call('status.get', {})
  client.close(new SkeinError('not-running'))
  await expect(waiting).rejects.toMatchObject({ code: 'not-running' })
  await expect(client.call('status.get', {})).rejects.toMatchObject({ code: 'not-running' })
})
