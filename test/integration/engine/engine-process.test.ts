import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Stage } from '#engine/child/stage.ts'
import { startStage, type StageOptions, type StageProcess } from '#engine/engine-supervisor.ts'
import { forkEngine, type EngineChannel } from '#engine/fork-engine.ts'
import type { StageStep } from '#engine/stage-types.ts'
import { engineEntry, isAlive } from '#test/support/engine/engine-entry.ts'
import { slowSpec, slowStage, slowStep } from '#test/support/engine/slow-model.ts'
import {
  tinySpec,
  tinyStage,
  writeTinyModel,
  type TinyModel
} from '#test/support/engine/tiny-model.ts'

let folder: string
let model: TinyModel
let slowFile: string
const started: StageProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'skein-engine-'))
  model = await writeTinyModel(folder)
  slowFile = (await writeTinyModel(await mkdtemp(path.join(folder, 'slow-')), slowSpec)).file
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(async () => {
  await Promise.all(started.splice(0).map((stage) => stage.stop()))
})

async function start(options: Partial<StageOptions> = {}): Promise<StageProcess> {
  const stage = await startStage({
    ...tinyStage,
    file: model.file,
    range: { first: 0, end: tinySpec.layers },
    entry: engineEntry,
    ...options
  })
  started.push(stage)
  return stage
}

const tokens = (slot: number, position: number, ...values: number[]): StageStep => ({
  slot,
  position,
  input: { kind: 'tokens', tokens: Int32Array.from(values) },
  rows: values.length,
  outputRows: 1,
  topK: 4
})

const exitOf = (stage: StageProcess) =>
  new Promise((resolve) => {
    stage.onExit(resolve)
  })

describe('an engine process', () => {
  it('computes what the stage computes in this process', async () => {
    const stage = await start()
    const here = Stage.load({
      ...tinyStage,
      file: model.file,
      range: { first: 0, end: tinySpec.layers }
    })
    here.openSlot(64)
    const slot = stage.openSlot(64)
    for (const step of [tokens(slot, 0, 5, 6, 7), tokens(slot, 3, 8), tokens(slot, 4, 9)]) {
      const { candidates, computeMicros, waitMicros } = await stage.step(step)
      expect(candidates).toEqual(here.run([step])[0]?.candidates)
      expect(computeMicros).toBeGreaterThan(0)
      expect(waitMicros).toBeGreaterThanOrEqual(0)
    }
    expect(stage.info).toEqual(here.info)
    expect(stage.speed().microsPerLayer).toBeGreaterThan(0)
    here.close()
  })

  it('carries boundaries from one stage to the next', async () => {
    const [first, tail] = await Promise.all([
      start(await model.carve(0, 2)),
      start(await model.carve(2, 4))
    ])
    const whole = await start()
    for (const stage of [first, tail, whole]) stage.openSlot(64)
    const step = tokens(0, 0, 5, 6, 7, 8, 9)
    const { boundary } = await first.step(step)
    if (boundary === undefined) throw new Error('no boundary')
    const result = await tail.step({ ...step, input: { kind: 'boundary', data: boundary } })
    expect(result.candidates).toEqual((await whole.step(step)).candidates)
  })

  it('serves several sessions at once, each in its order', async () => {
    const stage = await start()
    const alone = await start()
    const session = async (on: StageProcess, seed: number): Promise<number[]> => {
      const slot = on.openSlot(64)
      const prompt = [5, 6, 7, 8, 9].map((token) => token + seed)
      const answer: number[] = []
      let { candidates } = await on.step(tokens(slot, 0, ...prompt))
      for (let position = prompt.length; position < 20; position++) {
        const best = candidates?.[0]?.tokens[0] ?? -1
        answer.push(best)
        ;({ candidates } = await on.step(tokens(slot, position, best)))
      }
      on.closeSlot(slot)
      return answer
    }
    const seeds = [0, 20, 40, 60]
    const together = await Promise.all(seeds.map((seed) => session(stage, seed)))
    for (const [index, seed] of seeds.entries()) {
      expect(together[index]).toEqual(await session(alone, seed))
    }
    expect(stage.free()).toEqual({ slots: tinyStage.slots, tokens: tinyStage.contextTokens })
  })

  it('answers wrong steps with their error and lives on', async () => {
    const stage = await start()
    const slot = stage.openSlot(4)
    await expect(stage.step(tokens(slot, 1, 5))).rejects.toThrow('boundary-invalid')
    await expect(stage.step(tokens(slot, 0, 999))).rejects.toThrow('boundary-invalid')
    await expect(stage.step(tokens(slot, 0, 1, 2, 3, 4, 5))).rejects.toThrow('context-full')
    await expect(stage.step(tokens(3, 0, 5))).rejects.toThrow('invalid-input')
    await expect(stage.step(tokens(slot, 0, 5))).resolves.toBeDefined()
  })

  it('rolls back in the order of the steps', async () => {
    const stage = await start()
    const slot = stage.openSlot(64)
    const first = stage.step(tokens(slot, 0, 5, 6, 7, 8))
    stage.rollback(slot, 2)
    const again = stage.step(tokens(slot, 2, 7, 8))
    expect((await again).candidates?.[0]?.tokens).toEqual((await first).candidates?.[0]?.tokens)
  })

  it('drops steps that were cancelled while they waited', async () => {
    const stage = await start({ ...slowStage, file: slowFile, drainMs: 0 })
    stage.openSlot(slowStage.batchTokens)
    const slot = stage.openSlot(8)
    const busy = stage.step(slowStep(0, 128))
    const abort = new AbortController()
    const waiting = stage.step(slowStep(128, 64), abort.signal)
    const other = stage.step(tokens(slot, 0, 5))
    abort.abort()
    await expect(waiting).rejects.toThrow('cancelled')
    await expect(busy).resolves.toBeDefined()
    await expect(other).resolves.toBeDefined()
    await expect(stage.step(tokens(slot, 1, 5), AbortSignal.abort())).rejects.toThrow('cancelled')
  })

  it('ends when told to, and leaves no process', async () => {
    const stage = await start()
    const exit = exitOf(stage)
    await stage.stop()
    expect(await exit).toEqual({ expected: true, code: 0, signal: null })
    expect(isAlive(stage.pid)).toBe(false)
    await expect(stage.step(tokens(stage.openSlot(8), 0, 5))).rejects.toThrow('cancelled')
    await stage.stop()
  })

  it('ends by force when its call takes longer than it is given', async () => {
    const stage = await start({ ...slowStage, file: slowFile, drainMs: 100 })
    stage.openSlot(slowStage.batchTokens)
    const step = expect(stage.step(slowStep())).rejects.toThrow('cancelled')
    await stage.stop()
    await step
    expect(isAlive(stage.pid)).toBe(false)
  })

  it('cannot start with a file that is not there, and says so', async () => {
    const file = path.join(folder, 'none.gguf')
    await expect(start({ file })).rejects.toThrow('engine-load-failed')
  })

  it('cannot start from an entry that is not there', async () => {
    const entry = new URL('./no-such-entry.ts', engineEntry)
    await expect(start({ entry })).rejects.toThrow('engine-crashed')
  })
})

describe('an engine process that is killed', () => {
  it('fails to start when it dies while loading', async () => {
    const start = startStage({
      ...tinyStage,
      file: model.file,
      range: { first: 0, end: tinySpec.layers },
      entry: engineEntry,
      fork: (entry, handlers) => {
        const channel = forkEngine(entry, handlers)
        channel.kill('SIGKILL')
        return channel
      }
    })
    await expect(start).rejects.toThrow('engine-crashed: SIGKILL')
  })

  it.each([
    ['before a session opens', 'none'],
    ['while it takes a prompt', 'prompt'],
    ['while it computes a single row', 'row'],
    ['between two steps', 'idle']
  ] as const)('fails everything that waits %s', async (_, point) => {
    let channel: EngineChannel | undefined
    const stage = await start({
      ...slowStage,
      file: slowFile,
      fork: (entry, handlers) => (channel = forkEngine(entry, handlers))
    })
    const exit = exitOf(stage)
    const waiting: Promise<unknown>[] = []
    if (point !== 'none') {
      stage.openSlot(slowStage.batchTokens)
      const row = stage.step(tokens(0, 0, 5))
      if (point === 'row') waiting.push(row)
      else await row
      if (point === 'prompt') waiting.push(stage.step(slowStep(1, slowStage.batchTokens - 1)))
    }
    const failures = waiting.map((step) => expect(step).rejects.toThrow('engine-crashed'))
    channel?.kill('SIGKILL')
    expect(await exit).toEqual({ expected: false, code: null, signal: 'SIGKILL' })
    await Promise.all(failures)
    expect(isAlive(stage.pid)).toBe(false)
    await expect(stage.step(tokens(stage.openSlot(8), 0, 5))).rejects.toThrow('engine-crashed')
  })
})

describe('an engine process that hits a fault of its own', () => {
  it('ends, and says in the error what it was', async () => {
    let channel: EngineChannel | undefined
    const stage = await start({
      fork: (entry, handlers) => (channel = forkEngine(entry, handlers))
    })
    const slot = stage.openSlot(8)
    // A stage has no tokenizer: no message of its role.
    channel?.send({ type: 'tokenize', id: 99, text: '', addSpecial: false, parseSpecial: false })
    const step = stage.step(tokens(slot, 0, 5))
    await expect(step).rejects.toThrow(/^engine-crashed: exit code 1; ZodError: .*type/)
  })
})

describe('an engine process whose parent is killed', () => {
  it('goes away, even in the middle of a call', async () => {
    const script = fileURLToPath(new URL('../../support/engine/parent.ts', import.meta.url))
    const parent = spawn(process.execPath, [script, slowFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' }
    })
    const pid = await new Promise<number>((resolve) => {
      createInterface({ input: parent.stdout }).once('line', (line) => resolve(Number(line)))
    })
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    // The call itself takes far longer than this; only a watch of its own ends it.
    await expect.poll(() => isAlive(pid), { timeout: 20_000, interval: 100 }).toBe(false)
  })
})
