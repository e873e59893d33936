import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EngineHandle } from '#engine/engine-handle.ts'
import type { EngineHandlers, ForkEngine } from '#engine/fork-engine.ts'
import type { FromEngine } from '#engine/messages.ts'
import { silentLogger } from '#log/silent-logger.ts'

const start = { type: 'start-vocabulary', file: 'x.gguf' } as const
const ready = {
  type: 'vocabulary-ready',
  table: {
    offsets: new Uint32Array(1),
    bytes: new Uint8Array(0),
    controlTokens: new Int32Array(0),
    controlTexts: [],
    endTokens: new Int32Array(0)
  }
} satisfies FromEngine
const tokenize = (id: number) => ({
  type: 'tokenize' as const,
  id,
  text: 'x',
  addSpecial: false,
  parseSpecial: false
})

/** An engine process that does what the test makes it do. */
class FakeEngine {
  readonly sent: unknown[] = []
  readonly signals: string[] = []
  handlers: EngineHandlers | undefined

  readonly fork: ForkEngine = (_entry, handlers) => {
    this.handlers = handlers
    return {
      pid: 4711,
      send: (message) => void this.sent.push(message),
      kill: (signal) => void this.signals.push(signal)
    }
  }

  say(message: unknown): void {
    this.handlers?.message(message)
  }

  exit(code: number | null, signal: string | null): void {
    this.handlers?.exit(code, signal)
  }

  launch() {
    return EngineHandle.start(start, {
      entry: new URL('file:///engine-process.ts'),
      fork: this.fork,
      log: silentLogger,
      startTimeoutMs: 1000,
      drainMs: 5000
    })
  }

  async started(): Promise<EngineHandle> {
    const launch = this.launch()
    this.say(ready)
    return (await launch).handle
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('starting', () => {
  it('hands over the first word of the process', async () => {
    const engine = new FakeEngine()
    const launch = engine.launch()
    expect(engine.sent).toEqual([start])
    engine.say(ready)
    expect((await launch).ready).toEqual(ready)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('fails with what the process says against it', async () => {
    const engine = new FakeEngine()
    const launch = engine.launch()
    const error = { code: 'engine-out-of-memory', sentence: '', remedy: '', detail: '9 GiB' }
    engine.say({ type: 'failed', error })
    await expect(launch).rejects.toThrow('engine-out-of-memory: 9 GiB')
  })

  it('ends a process that says nothing', async () => {
    const engine = new FakeEngine()
    const launch = expect(engine.launch()).rejects.toThrow('engine-unresponsive')
    await vi.advanceTimersByTimeAsync(1000)
    await launch
    expect(engine.signals).toEqual(['SIGKILL'])
  })

  it('tells the last words of a process that dies', async () => {
    const engine = new FakeEngine()
    const launch = engine.launch()
    engine.handlers?.output('loading\nGGML_ASSERT(false) failed\n')
    engine.exit(null, 'SIGABRT')
    await expect(launch).rejects.toThrow('engine-crashed: SIGABRT; loading; GGML_ASSERT')
  })
})

describe('requests', () => {
  it('get their own replies, in any order', async () => {
    const engine = new FakeEngine()
    const handle = await engine.started()
    const requests = [handle.request(tokenize), handle.request(tokenize)]
    const reply = (id: number) => ({ type: 'tokens', id, tokens: Int32Array.of(id) })
    engine.say(reply(1))
    engine.say(reply(0))
    expect(await Promise.all(requests)).toEqual([reply(0), reply(1)])
  })

  it('all fail when the process dies, and so do later ones', async () => {
    const engine = new FakeEngine()
    const handle = await engine.started()
    const exits: unknown[] = []
    handle.onExit((exit) => exits.push(exit))
    const requests = [handle.request(tokenize), handle.request(tokenize)]
    engine.exit(139, null)
    for (const request of requests) await expect(request).rejects.toThrow('engine-crashed')
    await expect(handle.request(tokenize)).rejects.toThrow('exit code 139')
    handle.onExit((exit) => exits.push(exit))
    const exit = { expected: false, code: 139, signal: null }
    expect(exits).toEqual([exit, exit])
  })

  it('are taken back when their signal aborts', async () => {
    const engine = new FakeEngine()
    const handle = await engine.started()
    const abort = new AbortController()
    const request = handle.request(tokenize, abort.signal)
    abort.abort()
    expect(engine.sent.at(-1)).toEqual({ type: 'cancel', id: 0 })
    engine.say({ type: 'error', id: 0, error: { code: 'cancelled', sentence: '', remedy: '' } })
    await expect(request).rejects.toThrow('cancelled')
  })

  it('are not even sent when it had aborted before', async () => {
    const engine = new FakeEngine()
    const handle = await engine.started()
    await expect(handle.request(tokenize, AbortSignal.abort())).rejects.toThrow('cancelled')
    expect(engine.sent).toEqual([start])
  })

  it('end a process that answers nonsense', async () => {
    const engine = new FakeEngine()
    const handle = await engine.started()
    const request = expect(handle.request(tokenize)).rejects.toThrow('engine-crashed')
    engine.say({ type: 'tokens', id: 0, tokens: [1, 2, 3] })
    expect(engine.signals).toEqual(['SIGKILL'])
    engine.exit(null, 'SIGKILL')
    await request
  })
})

describe('stopping', () => {
  it('lets the process end by itself', async () => {
    const engine = new FakeEngine()
    const handle = await engine.started()
    const stop = handle.stop()
    expect(engine.sent.at(-1)).toEqual({ type: 'stop' })
    engine.exit(0, null)
    await stop
    expect(engine.signals).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('asks, then forces a process that does not', async () => {
    const engine = new FakeEngine()
    const handle = await engine.started()
    const request = expect(handle.request(tokenize)).rejects.toThrow('cancelled')
    const stop = handle.stop()
    await vi.advanceTimersByTimeAsync(4999)
    expect(engine.signals).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(engine.signals).toEqual(['SIGTERM'])
    await vi.advanceTimersByTimeAsync(2000)
    expect(engine.signals).toEqual(['SIGTERM', 'SIGKILL'])
    engine.exit(null, 'SIGKILL')
    await Promise.all([stop, request])
  })
})
