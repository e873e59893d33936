import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateRequestSchema, type GenerateEvent } from '#contract/chat.ts'
import type { Candidates, Step, StepResult } from '#contract/stage.ts'
import { generate } from '#session/generate.ts'
import {
  createFakeSwarm,
  fakeModel,
  untilCovered,
  type FakePeer,
  type FakeSwarm
} from '#test/support/fakes/fake-swarm.ts'
import { connectHostile, type HostilePeer } from '#test/support/fakes/hostile-peer.ts'

const request = generateRequestSchema.parse({
  prompt: { kind: 'text', text: 'Anybody there?' },
  sampling: { temperature: 0 },
  maxTokens: 5,
  waitMillis: 0
})

const honest: Candidates = {
  tokens: Int32Array.of(7),
  logits: Float32Array.of(1),
  logSumExp: 1.5
}

/** The answer that a tail would give to a step, with something changed. */
function resultOf(step: Step, more: Partial<StepResult> = {}): StepResult {
  const { session, epoch, position, rows, timings, hopBytes } = step
  return {
    session,
    epoch,
    position: position + rows,
    candidates: [honest],
    timings: [...timings, { computeMicros: 1, waitMicros: 1, linkMicros: 0 }],
    hopBytes,
    ...more
  }
}

describe('a coordinator whose tail is hostile', () => {
  let swarm: FakeSwarm
  let asker: FakePeer
  let tail: HostilePeer

  beforeEach(async () => {
    swarm = await createFakeSwarm()
    asker = await swarm.peer({ ranges: [{ first: 0, end: 3 }] })
    tail = await connectHostile(swarm, asker.swarm.self, {
      offer: { range: { first: 3, end: 6 } },
      opensSessions: true
    })
    await untilCovered(asker)
  })
  afterEach(async () => {
    await tail.close()
    await swarm.close()
  })

  function ask(stallMs?: number): Promise<GenerateEvent[]> {
    const deps = stallMs === undefined ? asker.deps : { ...asker.deps, stallMs }
    return Array.fromAsync(generate(fakeModel, request, deps, new AbortController().signal))
  }

  it.each([
    [
      'candidates that are not numbers',
      { candidates: [{ ...honest, logits: Float32Array.of(NaN) }] }
    ],
    [
      'candidates out of order',
      { candidates: [{ ...honest, tokens: Int32Array.of(1, 2), logits: Float32Array.of(1, 2) }] }
    ],
    ['a token outside the vocabulary', { candidates: [{ ...honest, tokens: Int32Array.of(97) }] }],
    ['no candidates', { candidates: [] }],
    ['another position', { position: 1 }],
    ['an epoch to come', { epoch: 1 }],
    ['timings of stages that are not there', { timings: [] }]
  ])('ends the answer as interrupted at %s, and shuts the tail out', async (_, lie) => {
    const asked = tail.nextStep().then((step) => tail.stage.result.send(resultOf(step, lie)))
    const events = await ask()
    await asked
    expect(events.at(-1)).toMatchObject({
      finish: 'interrupted',
      error: { code: 'range-unserved', detail: 'layers 3 to 5, since protocol-violation' }
    })
    await tail.closed
    await expect(asker.swarm.link(tail.key)).rejects.toMatchObject({ code: 'peer-banned' })
    expect(asker.stages[0]?.openSlots).toBe(0)
  })

  it('ends the answer as interrupted when the tail stops answering', async () => {
    const events = await ask(200)
    expect(events.at(-1)).toMatchObject({ finish: 'interrupted', error: { code: 'peer-stalled' } })
    expect(tail.steps).toHaveLength(1)
    expect(asker.stages[0]?.openSlots).toBe(0)
  })

  it('ends the answer as interrupted when the tail vanishes', async () => {
    void tail.nextStep().then(() => tail.stream.destroy())
    const events = await ask()
    expect(events.at(-1)).toMatchObject({
      finish: 'interrupted',
      error: { code: 'range-unserved', detail: 'layers 3 to 5, since peer-lost' }
    })
    expect(asker.stages[0]?.openSlots).toBe(0)
  })

  it('believes an honest one', async () => {
    const serve = (): void => {
      void tail.nextStep().then((step) => {
        tail.stage.result.send(resultOf(step))
        serve()
      })
    }
    serve()
    expect((await ask()).at(-1)).toMatchObject({ finish: 'length' })
  })
})
