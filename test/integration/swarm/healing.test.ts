import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateRequestSchema, type GenerateEvent, type GenerateInput } from '#contract/chat.ts'
import type { LayerRange } from '#contract/model.ts'
import { generate } from '#session/generate.ts'
import type { FakeEngineOptions } from '#test/support/fakes/fake-engine.ts'
import {
  createFakeSwarm,
  fakeModel,
  until,
  type FakePeer,
  type FakeSwarm
} from '#test/support/fakes/fake-swarm.ts'
import { fakeVocabulary } from '#test/support/fakes/fake-vocabulary.ts'

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

const halves = [
  { first: 0, end: 3 },
  { first: 3, end: 6 }
]
const thirds = [
  { first: 0, end: 2 },
  { first: 2, end: 4 },
  { first: 4, end: 6 }
]

function endOf(events: readonly GenerateEvent[]) {
  const end = events.at(-1)
  if (end?.kind !== 'end') throw new Error('no end')
  return end
}

function tokensOf(events: readonly GenerateEvent[]): number[] {
  return events.flatMap((event) =>
    event.kind === 'text' ? event.tokens.map(({ token }) => token) : []
  )
}

/** Asks, and does something after some tokens, or while the prompt goes in. */
async function ask(
  { deps }: FakePeer,
  input: Partial<GenerateInput> = {},
  act: (tokens: number) => Promise<void> | void = () => undefined
): Promise<GenerateEvent[]> {
  const request = generateRequestSchema.parse({ ...question, ...input })
  const vocabulary = fakeVocabulary({ isEndOfGeneration: () => false })
  const events: GenerateEvent[] = []
  const able = { ...deps, vocabulary: () => Promise.resolve(vocabulary) }
  for await (const event of generate(fakeModel, request, able, new AbortController().signal)) {
    events.push(event)
    if (event.kind === 'prefill' || event.kind === 'text') await act(tokensOf(events).length)
  }
  return events
}

async function peerWith(range: LayerRange, engine: FakeEngineOptions = {}): Promise<FakePeer> {
  return swarm.peer({ ranges: [range], engine })
}

/** The tokens that nobody disturbed, from one peer alone. */
async function undisturbed(): Promise<number[]> {
  const whole = await peerWith({ first: 0, end: 6 })
  const tokens = tokensOf(await ask(whole))
  await whole.close()
  return tokens
}

/** Resolves when `peer` knows so many stages. */
function untilKnown(peer: FakePeer, stages: number): Promise<void> {
  return until(peer.swarm, () => peer.swarm.stages().length === stages)
}

describe('an answer whose stage dies', () => {
  it.each([0, 1, 2])(
    'goes on through a spare for stage %i of three, and no other stage moves',
    async (dead) => {
      const expected = await undisturbed()
      for (const at of [0, 5]) {
        const asker = await swarm.peer()
        const peers = await Promise.all(thirds.map((range) => peerWith(range)))
        await untilKnown(asker, 3)
        let spare: FakePeer | undefined
        const events = await ask(asker, {}, async (tokens) => {
          if (tokens < at || spare !== undefined) return
          const range = thirds[dead]
          if (range === undefined) throw new Error('no range')
          spare = await peerWith(range)
          await untilKnown(asker, 4)
          await peers[dead]?.close()
        })
        expect(tokensOf(events)).toEqual(expected)
        const { finish, report } = endOf(events)
        expect(finish).toBe('length')
        expect(report.heals).toMatchObject([
          { range: thirds[dead], from: [peers[dead]?.swarm.self], to: [spare?.swarm.self] }
        ])
        const route = peers.map(({ swarm: { self } }) => self)
        expect(report.route.map(({ peer }) => peer)).toEqual(
          route.with(dead, spare?.swarm.self ?? asker.swarm.self)
        )
        expect(events.map(({ kind }) => kind)).toContain('healed')
        for (const peer of [...peers, spare, asker]) await peer?.close()
      }
    }
  )

  it('goes on through two spares that cover the layers together, and through both deaths of neighbours', async () => {
    const expected = await undisturbed()
    const asker = await peerWith({ first: 0, end: 1 })
    const dying = await Promise.all(
      [
        { first: 1, end: 3 },
        { first: 3, end: 5 }
      ].map((range) => peerWith(range))
    )
    const tail = await peerWith({ first: 5, end: 6 })
    await untilKnown(asker, 4)
    const spares: FakePeer[] = []
    const events = await ask(asker, {}, async (tokens) => {
      if (tokens < 5 || spares.length > 0) return
      for (const first of [1, 2, 3, 4]) spares.push(await peerWith({ first, end: first + 1 }))
      await Promise.all([asker, ...spares].map((peer) => untilKnown(peer, 8)))
      await Promise.all(dying.map((peer) => peer.close()))
    })
    expect(tokensOf(events)).toEqual(expected)
    const route = endOf(events).report.route.map(({ peer }) => peer)
    const kept = (peer: FakePeer): string => peer.swarm.self
    expect(route).toEqual([asker, ...spares, tail].map(kept))
    expect(asker.stages[0]?.openSlots).toBe(0)
  })

  it('goes on through a stage that serves more than was lost, where nobody serves just that', async () => {
    const expected = await undisturbed()
    const asker = await swarm.peer()
    const peers = await Promise.all(thirds.map((range) => peerWith(range)))
    await untilKnown(asker, 3)
    let helper: FakePeer | undefined
    const events = await ask(asker, {}, async (tokens) => {
      if (tokens < 5 || helper !== undefined) return
      helper = await peerWith({ first: 2, end: 6 })
      await untilKnown(asker, 4)
      await peers[1]?.close()
    })
    expect(tokensOf(events)).toEqual(expected)
    const { route } = endOf(events).report
    expect(route.map(({ peer }) => peer)).toEqual(
      [peers[0], helper].map((peer) => peer?.swarm.self)
    )
    expect(peers[2]?.stages[0]?.openSlots).toBe(0)
  })

  it('waits for somebody who has the layers, and goes on', async () => {
    const expected = await undisturbed()
    const asker = await peerWith(halves[0] ?? { first: 0, end: 3 })
    const [, lost] = halves
    if (lost === undefined) throw new Error('no range')
    const tail = await peerWith(lost)
    await untilKnown(asker, 2)
    const seen: GenerateEvent[] = []
    let helper: Promise<FakePeer> | undefined
    const events = await ask(asker, {}, async (tokens) => {
      if (tokens < 5 || helper !== undefined) return
      await tail.close()
      await until(asker.swarm, () => asker.swarm.stages().length === 1)
      helper = peerWith(lost)
    })
    await helper
    seen.push(...events)
    expect(tokensOf(seen)).toEqual(expected)
    expect(seen.find(({ kind }) => kind === 'waiting')).toMatchObject({ range: lost })
  })

  it('is filled anew by the stage in front of the one that kept nothing', async () => {
    const expected = await undisturbed()
    const asker = await swarm.peer()
    const peers = await Promise.all(
      thirds.map((range) => swarm.peer({ ranges: [range], historyBytes: 0 }))
    )
    await untilKnown(asker, 3)
    let spare: FakePeer | undefined
    const events = await ask(asker, {}, async (tokens) => {
      if (tokens < 5 || spare !== undefined) return
      spare = await peerWith({ first: 4, end: 6 })
      await untilKnown(asker, 4)
      await peers[2]?.close()
    })
    expect(tokensOf(events)).toEqual(expected)
    const { route } = endOf(events).report
    expect(route.map(({ peer }) => peer)).toEqual(
      [peers[0], peers[1], spare].map((peer) => peer?.swarm.self)
    )
  })

  it('is filled with as many rows at once as go, when a fast replay is asked for', async () => {
    const expected = await undisturbed()
    const rows: number[] = []
    const asker = await peerWith({ first: 0, end: 3 })
    const tail = await peerWith({ first: 3, end: 6 })
    await untilKnown(asker, 2)
    let isDone = false
    const events = await ask(asker, { replay: 'fast' }, async (tokens) => {
      if (tokens < 8 || isDone) return
      isDone = true
      await peerWith({ first: 3, end: 6 }, { beforeStep: (step) => void rows.push(step.rows) })
      await untilKnown(asker, 3)
      await tail.close()
    })
    expect(tokensOf(events)).toEqual(expected)
    const promptTokens = endOf(events).report.promptTokens
    expect(rows.length).toBeLessThan(Math.ceil((promptTokens + 12) / 32) + 6)
    expect(Math.max(...rows)).toBe(32)
  })
})
