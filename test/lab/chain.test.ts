import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GenerateEvent, GenerateInput, GeneratedToken } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import { createLab, type Lab } from '#test/support/lab/lab.ts'

const question = {
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'How do I pause lending?' }] },
  sampling: { temperature: 0 },
  maxTokens: 24,
  dtype: 'float32',
  topLogprobs: 10
} satisfies GenerateInput

/** Each token takes this long on each hop: an answer lasts seconds, so that what a test does after its first token comes in its middle. */
const links = { delayMillis: 50 }

const thirds = [0, 2, 4].map((first) => ({
  range: { first, end: first + 2 },
  isAsked: first === 0
}))

/** Tokens with their log-probabilities and those of their rivals. */
function tokensOf(events: readonly GenerateEvent[]): GeneratedToken[] {
  return events.flatMap((event) => (event.kind === 'text' ? event.tokens : []))
}

function endOf(events: readonly GenerateEvent[]) {
  const end = events.at(-1)
  if (end?.kind !== 'end') throw new Error('no end')
  return end
}

/** How an answer ends now; why it does not begin, where the peers have not met again yet. */
async function finishOf(lab: Lab): Promise<string> {
  try {
    return endOf(await lab.peer(0).answer(question)).finish
  } catch (thrown) {
    return SkeinError.from(thrown).code
  }
}

/** Asks, and does something once the answer has begun. */
async function interrupted(
  lab: Lab,
  act: (abort: AbortController) => Promise<void> | void,
  more: Partial<GenerateInput> = {}
): Promise<GenerateEvent[]> {
  const abort = new AbortController()
  const events: GenerateEvent[] = []
  let isDone = false
  for await (const event of lab.peer(0).ask({ ...question, ...more }, abort.signal)) {
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
      silentBeats: 20,
      lostBeats: 30,
      links
    })
  }, 180_000)
  afterAll(() => lab.close())

  it('answer with the tokens of the whole model, and with its probabilities to the last bit', async () => {
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

  it('take a damaged link for a lost peer, and go on over a new one with the same tokens', async () => {
    const undisturbed = await lab.peer(0).answer(question)
    const events = await interrupted(lab, () => lab.link(0, 1).corrupt())
    expect(tokensOf(events)).toEqual(tokensOf(undisturbed))
    expect(endOf(events).report.heals).toMatchObject([{ range: { first: 2, end: 4 } }])
    await Promise.all(lab.peers.map((peer) => peer.untilIdle()))
  }, 180_000)

  it('end an answer as interrupted when the middle one dies for good, and free its places', async () => {
    const events = await interrupted(lab, () => lab.peer(1).kill(), { waitMillis: 0 })
    expect(endOf(events)).toMatchObject({
      finish: 'interrupted',
      error: { code: 'range-unserved', detail: 'layers 2 to 3, since peer-lost' }
    })
    expect(tokensOf(events).length).toBeGreaterThan(0)
    await Promise.all([lab.peer(0).untilIdle(), lab.peer(2).untilIdle()])
    await expect(lab.peer(0).answer(question)).rejects.toMatchObject({ code: 'no-chain' })
  }, 180_000)
})

describe('two peers as processes', () => {
  let lab: Lab

  beforeAll(async () => {
    const asked = { range: { first: 0, end: 3 }, isAsked: true }
    const peers = [asked, { range: { first: 3, end: 6 } }]
    lab = await createLab({ peers, beatMs: 200, silentBeats: 10, lostBeats: 15, links })
  }, 180_000)
  afterAll(() => lab.close())

  async function expectLost(act: () => void): Promise<void> {
    expect(endOf(await interrupted(lab, act, { waitMillis: 0 }))).toMatchObject({
      finish: 'interrupted',
      error: { code: 'range-unserved' }
    })
    await lab.peer(0).untilIdle()
  }

  it('do without one that stands still, and with it again when it goes on', async () => {
    await expectLost(() => lab.peer(1).pause())
    lab.peer(1).resume()
    await lab.peer(1).untilIdle()
    await expect.poll(() => finishOf(lab), { timeout: 120_000 }).toMatch(/stop|length/)
  }, 180_000)

  it('notice a link on which nothing passes any more', async () => {
    await expectLost(() => lab.link(0, 1).cut())
    await lab.peer(1).untilIdle()
  }, 180_000)
})
