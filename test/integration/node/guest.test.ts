import createTestnet from 'hyperdht/testnet.js'
import { expect, onTestFinished, test } from 'vitest'
import { generateRequestSchema, type GenerateEvent } from '#contract/chat.ts'
import type { NodeStatus } from '#contract/status.ts'
import type { NodeNetwork, SkeinNode } from '#node'
import type { SignalSource, SignalSources } from '#signals/signal-source.ts'
import { startNode } from '#test/support/node/start-node.ts'

const never = AbortSignal.any([])
const request = generateRequestSchema.parse({
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'What is Skein?' }] },
  sampling: { temperature: 0 }
})

/** A computer that is fine, and a mouse. */
class Desk {
  #idleMs = 3_600_000
  #onInput: () => void = () => undefined

  /** The person is back. */
  touch(): void {
    this.#idleMs = 0
    this.#onInput()
  }

  sources(): Partial<SignalSources> {
    const steady = <Value>(value: Value) => ({
      source: 'desk',
      everyMs: 1000,
      read: () => Promise.resolve(value)
    })
    const idle: SignalSource<'idle'> = {
      source: 'desk',
      everyMs: 1000,
      read: () => Promise.resolve(this.#idleMs),
      watch: (listener) => (this.#onInput = listener)
    }
    return {
      idle,
      locked: steady(false),
      onBattery: steady(false),
      batterySaver: steady(false),
      cpuByOthers: steady(0.1),
      memory: steady({ bytes: 16e9, availableBytes: 12e9 }),
      exclusivePrograms: steady([]),
      fullScreen: steady(false),
      metered: steady(false)
    }
  }
}

async function startNetwork(): Promise<NodeNetwork> {
  const testnet = await createTestnet(3)
  onTestFinished(() => testnet.destroy())
  return {
    topic: Buffer.alloc(32, 7),
    address: { bootstrap: testnet.bootstrap, host: '127.0.0.1' }
  }
}

async function until(node: SkeinNode, isSo: (status: NodeStatus) => boolean): Promise<void> {
  for await (const status of node.control.stream('status.watch', {}, never))
    if (isSo(status)) return
}

async function lend(node: SkeinNode): Promise<void> {
  await node.control.call('settings.set', { name: 'lending', value: true }, never)
}

test('the person comes back: their computer stops at once, and the stranger’s answer goes on elsewhere, whole', async () => {
  const network = await startNetwork()
  const range = { first: 3, end: 6 }
  const desk = new Desk()
  const guest = await startNode({ network, range, isGuest: true, signals: desk.sources() })
  await lend(guest)
  await guest.ready
  await until(guest, ({ guest: lending }) => lending?.state === 'lending')
  const asked = await startNode({ network, range: { first: 0, end: 3 } })
  await asked.ready
  const second = await startNode({ network, range })
  await second.ready

  const events: GenerateEvent[] = []
  for await (const event of asked.control.stream('chat.generate', request, never)) {
    const isFirstText = event.kind === 'text' && events.every(({ kind }) => kind !== 'text')
    events.push(event)
    if (!isFirstText) continue
    await lend(second)
    desk.touch()
    await until(guest, ({ stages }) => stages.every(({ sessions }) => sessions === 0))
  }

  const status = await guest.control.call('status.get', {}, never)
  expect(status.guest).toMatchObject({
    state: 'paused',
    reason: 'in-use',
    share: 0,
    sentence: 'Paused: you are using this computer. Resumes after 5 min without input.'
  })
  const alone = await startNode()
  const whole = await Array.fromAsync(alone.control.stream('chat.generate', request, never))
  expect(events.at(-1)).toMatchObject({ kind: 'end', finish: 'stop' })
  expect(textOf(events)).toBe(textOf(whole))
})

test('a desktop that tells nothing of its person lends nothing, and says why', async () => {
  const unsupported = { ...new Desk().sources() }
  delete unsupported.idle
  const node = await startNode({
    range: null,
    isGuest: true,
    signals: {
      ...unsupported,
      idle: { source: 'none', everyMs: 1000, read: () => Promise.reject(new Error('no')) }
    }
  })
  await lend(node)
  await until(node, ({ guest }) => guest?.reason === 'sensor-unknown')
  const status = await node.control.call('status.get', {}, never)
  expect(status.guest?.unknown).toContainEqual({
    signal: 'the last input',
    source: 'none',
    reason: 'failed'
  })
  const hours = { name: 'computeSchedule', value: '00:00-24:00' } as const
  await node.control.call('settings.set', hours, never)
  await until(node, ({ guest }) => guest?.state === 'lending')
})

function textOf(events: readonly GenerateEvent[]): string {
  return events.map((event) => (event.kind === 'text' ? event.text : '')).join('')
}
