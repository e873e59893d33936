import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SkeinError, type ErrorValue } from '#contract/errors.ts'
import { peerKeySchema, sessionIdSchema } from '#contract/peer.ts'
import {
  stageLimits,
  type OpenSession,
  type StageNotice,
  type Step,
  type StepResult
} from '#contract/stage.ts'
import { modelKeySchema } from '#contract/model.ts'
import { ByteBudget } from '#swarm/byte-budget.ts'
import { StageSession } from '#host/stage-session.ts'
import {
  fakeWidth,
  startFakeStage,
  type FakeEngineOptions
} from '#test/support/fakes/fake-engine.ts'

const session = sessionIdSchema.parse('5'.repeat(32))
const coordinator = peerKeySchema.parse('c'.repeat(64))
const stranger = peerKeySchema.parse('e'.repeat(64))

function openTail(engine: FakeEngineOptions = {}) {
  const process = startFakeStage(
    {
      file: 'none',
      entry: new URL('file:///none'),
      range: { first: 0, end: 2 },
      layers: 2,
      contextTokens: 256,
      slots: 2,
      batchTokens: 32,
      threads: 1,
      device: 'cpu'
    },
    engine
  )
  const results: StepResult[] = []
  const failures: ErrorValue[] = []
  const notices: StageNotice[] = []
  let ended = 0
  const request: OpenSession = {
    session,
    model: modelKeySchema.parse('a'.repeat(64)),
    range: { first: 0, end: 2 },
    upstream: coordinator,
    downstream: null,
    maxTokens: 128,
    dtype: 'float32',
    quietUntil: 0
  }
  const stage = new StageSession({
    request,
    caller: {
      peer: coordinator,
      events: {
        result: (result) => Promise.resolve(void results.push(result)),
        failed: (error) => void failures.push(error),
        notice: (notice) => void notices.push(notice)
      }
    },
    process,
    slot: process.openSlot(128),
    downstream: undefined,
    history: new ByteBudget(1024 * 1024),
    now: () => 0,
    onEnd: () => ended++
  })
  return { stage, process, results, failures, notices, endings: () => ended }
}

function step(position: number, tokens: readonly number[], more: Partial<Step> = {}): Step {
  return {
    session,
    epoch: 0,
    position,
    rows: tokens.length,
    input: { kind: 'tokens', tokens: Int32Array.from(tokens) },
    outputRows: 1,
    topK: 4,
    timings: [],
    hopBytes: [],
    ...more
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

describe('a session on a stage', () => {
  it('answers steps in order and adds its timing', async () => {
    const { stage, results } = openTail()
    await stage.step(step(0, [1, 2, 3]), coordinator)
    await stage.step(step(3, [4]), coordinator)
    await settled()
    expect(results.map((it) => it.position)).toEqual([3, 4])
    expect(results[0]?.timings).toEqual([{ computeMicros: 1000, waitMicros: 0, linkMicros: 0 }])
  })

  it.each([
    ['a gap', step(2, [1]), 'boundary-invalid'],
    ['an epoch that nobody announced', step(1, [1], { epoch: 1 }), 'boundary-invalid'],
    ['a token outside the vocabulary', step(1, [97]), 'boundary-invalid'],
    ['rows that are not there', step(1, [1], { rows: 2 }), 'boundary-invalid'],
    ['more output rows than rows', step(1, [1], { outputRows: 2 }), 'boundary-invalid'],
    [
      'more than the session may hold',
      step(
        1,
        Array.from({ length: 128 }, () => 1)
      ),
      'context-full'
    ],
    [
      'a boundary for the first stage',
      step(1, [1], {
        input: { kind: 'boundary', dtype: 'float32', data: new Uint8Array(4 * fakeWidth) }
      }),
      'boundary-invalid'
    ]
  ])('refuses %s, ends the session and says why', async (_, bad, code) => {
    const { stage, process, failures, endings } = openTail()
    await stage.step(step(0, [1]), coordinator)
    await expect(stage.step(bad, coordinator)).rejects.toMatchObject({ code })
    expect(failures.map((it) => it.code)).toEqual([code])
    expect(endings()).toBe(1)
    expect(process.openSlots).toBe(0)
  })

  it('lets nobody but its upstream step or roll back, nor anybody but its coordinator close', async () => {
    const { stage, failures, process } = openTail()
    await expect(stage.step(step(0, [1]), stranger)).rejects.toMatchObject({
      code: 'protocol-violation'
    })
    expect(() => stage.rollback(1, 0, stranger)).toThrow(SkeinError)
    expect(() => stage.close(stranger)).toThrow(SkeinError)
    expect(failures).toEqual([])
    expect(process.openSlots).toBe(1)
  })

  it('drops steps of an older epoch, those that wait and those that come late', async () => {
    const gate = Promise.withResolvers<undefined>()
    const { stage, results } = openTail({ beforeStep: () => gate.promise })
    await stage.step(step(0, [1, 2]), coordinator)
    await stage.step(step(2, [3]), coordinator)
    stage.rollback(1, 1, coordinator)
    await stage.step(step(3, [4]), coordinator)
    await stage.step(step(1, [9], { epoch: 1 }), coordinator)
    gate.resolve(undefined)
    await settled()
    expect(results.map(({ epoch, position }) => ({ epoch, position }))).toEqual([
      { epoch: 1, position: 2 }
    ])
  })

  it('asks its sender to wait when it is behind, and calls more than the limit a violation', async () => {
    const gate = Promise.withResolvers<undefined>()
    const { stage } = openTail({ beforeStep: () => gate.promise })
    const accepted: number[] = []
    for (let position = 0; position <= stageLimits.maxStepsInFlight; position++) {
      void stage.step(step(position, [1]), coordinator).then(() => accepted.push(position))
    }
    await settled()
    expect(accepted).toEqual([0, 1, 2])
    const oneTooMany = step(stageLimits.maxStepsInFlight + 1, [1])
    await expect(stage.step(oneTooMany, coordinator)).rejects.toMatchObject({
      code: 'protocol-violation'
    })
  })

  it('stays whole under any order of honest, late, doubled and hostile messages', async () => {
    const action = fc.record({
      kind: fc.constantFrom('step', 'step', 'step', 'rollback', 'close'),
      from: fc.constantFrom(coordinator, coordinator, coordinator, stranger),
      epoch: fc.integer({ min: 0, max: 3 }),
      position: fc.integer({ min: 0, max: 6 }),
      rows: fc.integer({ min: 0, max: 3 })
    })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
        const { stage, process, results, endings } = openTail()
        for (const { kind, from, epoch, position, rows } of actions) {
          const tokens = Array.from({ length: rows }, (_, index) => index)
          try {
            if (kind === 'step')
              await stage.step(
                step(position, tokens, { epoch, outputRows: Math.min(1, rows) }),
                from
              )
            if (kind === 'rollback') stage.rollback(epoch, position, from)
            if (kind === 'close') stage.close(from)
          } catch (error) {
            expect(error).toBeInstanceOf(SkeinError)
          }
        }
        await settled()
        expect(process.openSlots).toBe(1 - endings())
        // Within an epoch, positions only ever rise.
        for (const [index, result] of results.entries()) {
          const before = results[index - 1]
          if (before?.epoch === result.epoch)
            expect(result.position).toBeGreaterThan(before.position)
        }
        stage.end()
        expect(endings()).toBe(1)
        expect(process.openSlots).toBe(0)
      }),
      { numRuns: 300 }
    )
  })
})
