import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GenerateEvent, GenerateInput } from '#contract/chat.ts'
import { createLab, type Lab } from '#test/support/lab/lab.ts'

const question = {
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'How do I pause lending?' }] },
  sampling: { temperature: 0 },
  maxTokens: 24,
  dtype: 'float32'
} satisfies GenerateInput

/** Each token takes this long on each hop: an answer lasts seconds, so that what a test does after its first token comes in its middle. */
const links = { delayMillis: 50 }

const thirds = [0, 2, 4].map((first) => ({
  range: { first, end: first + 2 },
  isAsked: first === 0
}))

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

/** Asks, and does something once the answer has begun. */
async function interrupted(
  lab: Lab,
  act: (abort: AbortController) => Promise<void> | void
): Promise<GenerateEvent[]> {
  const abort = new AbortController()
  const events: GenerateEvent[] = []
  let isDone = false
  for await (const event of lab.peer(0).ask(question, abort.signal)) {
    events.push(event)
    if (event.kind !== 'text' || isDone) continue
    isDone = true
    await act(abort)
  }
  return events
}

describe('three peers as processes', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await createLab({
      peers: thirds,
      beatMs: 300,
      silentBeats: 30,
      links
    })
  }, 180_000)
  afterAll(() => lab.close())

  it('answer with the tokens of the whole model', async () => {
    const chained = await lab.peer(0).answer(question)
    const alone = await createLab({ peers: [{ range: { first: 0, end: 6 }, isAsked: true }] })
    try {
      expect(tokensOf(chained)).toEqual(tokensOf(await alone.peer(0).answer(question)))
    } finally {
      await alone.close()
    }
    const { report } = endOf(chained)
    expect(report.route.map(({ peer }) => peer)).toEqual(lab.peers.map(({ key }) => key))
    const roundTrips = report.route.slice(1).map(({ roundTripMillis = 0 }) => roundTripMillis)
    expect(Math.min(...roundTrips)).toBeGreaterThanOrEqual(2 * links.delayMillis)
  }, 180_000)

  it('free every place when the one who asked goes away', async () => {
    await expect(interrupted(lab, (abort) => abort.abort())).rejects.toMatchObject({
      code: 'cancelled'
    })
    await Promise.all(lab.peers.map((peer) => peer.untilIdle()))
  }, 180_000)

  it('take a damaged link for a lost peer, and serve again over a new one', async () => {
    const events = await interrupted(lab, () => lab.link(0, 1).corrupt())
    expect(endOf(events)).toMatchObject({ finish: 'interrupted', error: { code: 'peer-lost' } })
    await Promise.all(lab.peers.map((peer) => peer.untilIdle()))
    await expect
      .poll(async () => endOf(await lab.peer(0).answer(question)).finish, { timeout: 120_000 })
      .not.toBe('interrupted')
  }, 180_000)

  it('end an answer as interrupted when the middle one dies, and free its places', async () => {
    const events = await interrupted(lab, () => lab.peer(1).kill())
    expect(endOf(events)).toMatchObject({ finish: 'interrupted', error: { code: 'peer-lost' } })
    expect(tokensOf(events).length).toBeGreaterThan(0)
    await Promise.all([lab.peer(0).untilIdle(), lab.peer(2).untilIdle()])
    await expect(lab.peer(0).answer(question)).rejects.toMatchObject({ code: 'no-chain' })
  }, 180_000)
})

describe('two peers as processes', () => {
  it('notice a link on which nothing passes any more', async () => {
    const lab = await createLab({
      peers: [{ range: { first: 0, end: 3 }, isAsked: true }, { range: { first: 3, end: 6 } }],
      beatMs: 200,
      silentBeats: 30,
      links
    })
    try {
      const events = await interrupted(lab, () => lab.link(0, 1).cut())
      expect(endOf(events)).toMatchObject({ finish: 'interrupted', error: { code: 'peer-lost' } })
      await Promise.all(lab.peers.map((peer) => peer.untilIdle()))
    } finally {
      await lab.close()
    }
  }, 180_000)
})
