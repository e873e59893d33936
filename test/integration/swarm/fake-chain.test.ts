import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateRequestSchema, type GenerateEvent, type GenerateInput } from '#contract/chat.ts'
import { generate, type GenerateDeps } from '#session/generate.ts'
import {
  createFakeSwarm,
  fakeModel,
  until,
  untilCovered,
  type FakeSwarm
} from '#test/support/fakes/fake-swarm.ts'

let swarm: FakeSwarm

beforeEach(async () => {
  swarm = await createFakeSwarm()
})
afterEach(() => swarm.close())

const question = {
  prompt: { kind: 'text', text: 'What is shared, and how do I stop? '.repeat(4) },
  sampling: { temperature: 0 },
  maxTokens: 12
} satisfies GenerateInput

async function answer(
  deps: GenerateDeps,
  input: GenerateInput = question,
  signal = new AbortController().signal
): Promise<GenerateEvent[]> {
  const request = generateRequestSchema.parse(input)
  return Array.fromAsync(generate(fakeModel, request, deps, signal))
}

function tokensOf(events: readonly GenerateEvent[]): number[] {
  return events.flatMap((event) =>
    event.kind === 'text' ? event.tokens.map((it) => it.token) : []
  )
}

function endOf(events: readonly GenerateEvent[]) {
  const end = events.at(-1)
  if (end?.kind !== 'end') throw new Error('no end')
  return end
}

describe('a chain over real connections', () => {
  it('gives the same tokens as the whole model on one peer, with either wire dtype', async () => {
    const whole = await swarm.peer({ ranges: [{ first: 0, end: 6 }] })
    const expected = tokensOf(await answer(whole.deps))
    await whole.close()

    const first = await swarm.peer({ ranges: [{ first: 0, end: 2 }] })
    await swarm.peer({ ranges: [{ first: 2, end: 4 }] })
    await swarm.peer({ ranges: [{ first: 4, end: 6 }] })
    await untilCovered(first)
    for (const dtype of ['float32', 'float16'] as const) {
      const events = await answer(first.deps, { ...question, dtype })
      expect(tokensOf(events)).toEqual(expected)
      const { finish, report } = endOf(events)
      expect(finish).toBe('length')
      expect(report.route.map((it) => it.isLocal)).toEqual([true, false, false])
      expect(report.bytesPerTokenPerHop).toEqual(dtype === 'float32' ? [32, 32] : [16, 16])
    }
  })

  it('serves a coordinator that hosts nothing', async () => {
    await swarm.peer({ ranges: [{ first: 0, end: 3 }] })
    await swarm.peer({ ranges: [{ first: 3, end: 6 }] })
    const guest = await swarm.peer()
    await untilCovered(guest)
    const events = await answer(guest.deps)
    expect(endOf(events).finish).toBe('length')
    expect(tokensOf(events)).toHaveLength(12)
  })

  it('begins one answer after the other on a stage with a single place', async () => {
    await swarm.peer({ ranges: [{ first: 0, end: 6 }], slots: 1 })
    const guest = await swarm.peer()
    await untilCovered(guest)
    for (let count = 0; count < 4; count++) {
      expect(endOf(await answer(guest.deps)).finish).toBe('length')
    }
  })

  it('frees every slot when the answer is over, cancelled or abandoned', async () => {
    const first = await swarm.peer({ ranges: [{ first: 0, end: 3 }] })
    const second = await swarm.peer({ ranges: [{ first: 3, end: 6 }] })
    await untilCovered(first)
    const slots = (): number[] => [first, second].map((it) => it.stages[0]?.openSlots ?? -1)

    await answer(first.deps)
    await until(first.swarm, () => slots().every((open) => open === 0))

    const abort = new AbortController()
    const request = generateRequestSchema.parse({ ...question, maxTokens: 100 })
    const seen: GenerateEvent[] = []
    for await (const event of generate(fakeModel, request, first.deps, abort.signal)) {
      seen.push(event)
      if (event.kind === 'text') abort.abort()
    }
    expect(endOf(seen).finish).toBe('cancelled')
    await until(first.swarm, () => slots().every((open) => open === 0))

    for await (const event of generate(
      fakeModel,
      request,
      first.deps,
      new AbortController().signal
    )) {
      if (event.kind === 'text') break
    }
    await until(first.swarm, () => slots().every((open) => open === 0))
  })

  it('ends interrupted with the reason when a stage fails and nobody takes over', async () => {
    const first = await swarm.peer({ ranges: [{ first: 0, end: 3 }] })
    const second = await swarm.peer({ ranges: [{ first: 3, end: 6 }] })
    await untilCovered(first)
    const seen: GenerateEvent[] = []
    const request = generateRequestSchema.parse({ ...question, maxTokens: 100, waitMillis: 0 })
    const { deps } = first
    for await (const event of generate(fakeModel, request, deps, new AbortController().signal)) {
      seen.push(event)
      if (event.kind === 'text') second.stages[0]?.crash()
    }
    const detail = 'layers 3 to 5, since engine-crashed'
    expect(endOf(seen)).toMatchObject({
      finish: 'interrupted',
      error: { code: 'range-unserved', detail }
    })
    await until(first.swarm, () => first.stages[0]?.openSlots === 0)
  })

  it('measures the round trip to each peer', async () => {
    const first = await swarm.peer()
    await swarm.peer()
    await until(first.swarm, () => first.swarm.connected().length === 1)
    await expect.poll(() => first.swarm.connected()[0]?.roundTripMillis).toBeGreaterThan(0)
  })
})
