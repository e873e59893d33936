import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { generateRequestSchema, type GenerateEvent } from '#contract/chat.ts'
import { generate } from '#session/generate.ts'
import { KeptAnswers } from '#session/kept-answers.ts'
import { fakeModel } from '#test/support/fakes/fake-swarm.ts'
import { fakeVocabulary } from '#test/support/fakes/fake-vocabulary.ts'
import { MemoryNetwork, type MemoryPeer } from '#test/support/fakes/memory-network.ts'
import { Random } from '#test/support/models/random.ts'

const thirds = [0, 2, 4].map((first) => ({ first, end: first + 2 }))
const vocabulary = fakeVocabulary({ isEndOfGeneration: () => false })

/** What strikes, after so many events of the answer. */
interface Blow {
  readonly after: number
  readonly kind: 'kill' | 'break' | 'crash' | 'leave'
  /** Which of the peers in the answer's route. */
  readonly stage: number
}

interface Schedule {
  readonly seed: number
  readonly blows: readonly Blow[]
  readonly replay: 'exact' | 'fast'
  readonly keepsHistory: boolean
}

function tokensOf(events: readonly GenerateEvent[]): number[] {
  return events.flatMap((event) =>
    event.kind === 'text' ? event.tokens.map(({ token }) => token) : []
  )
}

/** Messages take nothing to a few turns of the event loop, as the seed decides. */
function delays(seed: number): () => Promise<void> {
  const draw = new Random(seed)
  return async () => {
    for (let turns = draw.below(4); turns > 0; turns--) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

export /** Throws when places are left open. */
async function answer(schedule: Schedule): Promise<GenerateEvent[]> {
  const network = new MemoryNetwork(delays(schedule.seed))
  const history = schedule.keepsHistory ? undefined : 0
  const asker = await network.add(undefined)
  for (const range of [...thirds, ...thirds]) await network.add(range, history)
  const deps = {
    network: network.networkOf(asker.key),
    directory: network,
    vocabulary: () => Promise.resolve(vocabulary),
    renderChat: () => Promise.reject(new Error('unused')),
    keptAnswers: new KeptAnswers()
  }
  const request = generateRequestSchema.parse({
    prompt: { kind: 'text', text: 'What is shared, and how do I stop? '.repeat(4) },
    sampling: { temperature: 0 },
    maxTokens: 10,
    replay: schedule.replay
  })
  const events: GenerateEvent[] = []
  let route: readonly string[] = []
  for await (const event of generate(fakeModel, request, deps, new AbortController().signal)) {
    events.push(event)
    if (event.kind === 'route' || event.kind === 'healed') {
      route = event.route.map(({ peer }) => peer)
    }
    for (const { after, kind, stage } of schedule.blows) {
      if (after !== events.length) continue
      const struck = network.peers.find(({ key }) => key === route[stage])
      if (struck !== undefined) await strike(network, kind, struck, route[stage - 1])
    }
  }
  const openSlots = (): number =>
    network.peers.flatMap(({ stages }) => stages).reduce((sum, stage) => sum + stage.openSlots, 0)
  // What closes them is on its way.
  await vi.waitUntil(() => openSlots() === 0, { timeout: 10_000 })
  await network.close()
  return events
}

/** Whoever is lost is replaced by another one, so that the layers are always served. */
async function strike(
  network: MemoryNetwork,
  kind: Blow['kind'],
  struck: MemoryPeer,
  before: string | undefined
): Promise<void> {
  const range = struck.host.status()[0]?.range
  await network.add(range)
  const front = network.peers.find(({ key }) => key === before)
  if (kind === 'kill') await network.kill(struck.key)
  if (kind === 'crash') struck.stages.at(-1)?.crash()
  if (kind === 'leave') void struck.host.leave(1000)
  if (kind === 'break' && front !== undefined) network.break(front.key, struck.key)
}

describe('an answer under any schedule of blows', () => {
  it('has the tokens that nobody disturbed, and leaves no place open', async () => {
    const calm: Schedule = { seed: 1, blows: [], replay: 'exact', keepsHistory: true }
    const expected = tokensOf(await answer(calm))
    expect(expected).toHaveLength(10)
    const blow = fc.record({
      after: fc.integer({ min: 1, max: 16 }),
      kind: fc.constantFrom('kill', 'break', 'crash', 'leave'),
      stage: fc.integer({ min: 0, max: 2 })
    })
    const schedule = fc.record({
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      blows: fc.array(blow, { minLength: 1, maxLength: 4 }),
      replay: fc.constantFrom('exact', 'fast'),
      keepsHistory: fc.boolean()
    })
    await fc.assert(
      fc.asyncProperty(schedule, async (it) => {
        const events = await answer(it)
        const end = events.at(-1)
        expect(end).toMatchObject({ kind: 'end', finish: 'length' })
        expect(tokensOf(events)).toEqual(expected)
      }),
      { numRuns: 60, endOnFailure: true }
    )
  }, 120_000)
})
