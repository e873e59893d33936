import { expect, it } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { peerKeySchema, sessionIdSchema } from '#contract/peer.ts'
import type { OpenSession, Step } from '#contract/stage.ts'
import { fakeModel, startPeer } from '#test/support/fakes/fake-swarm.ts'
import { Random } from '#test/support/models/random.ts'

const sessions = 10_000
const coordinators = Array.from({ length: 50 }, (_, index) =>
  peerKeySchema.parse((index + 1).toString(16).padStart(64, '0'))
)

it('leaves no place open after 10,000 sessions, however they end', async () => {
  const peer = await startPeer({ ranges: [{ first: 3, end: 6 }], slots: 8 })
  const draw = new Random(7)
  const pick = (count: number): number => draw.below(count)
  const offered = peer.host.offers()
  const outcomes = new Map<string, number>()
  const count = (outcome: string): void =>
    void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)

  async function one(index: number): Promise<void> {
    const id = sessionIdSchema.parse(index.toString(16).padStart(32, '0'))
    const from = coordinators[pick(coordinators.length)] ?? peer.swarm.self
    const request: OpenSession = {
      session: id,
      model: fakeModel.key,
      range: { first: 3, end: 6 },
      upstream: from,
      downstream: null,
      maxTokens: 1 + pick(200),
      dtype: 'float32',
      quietUntil: pick(4)
    }
    const events = {
      result: () => Promise.resolve(),
      failed: () => undefined,
      notice: () => undefined
    }
    try {
      await peer.host.open(request, { peer: from, events })
      for (let position = 0; position < pick(4); position++) {
        await peer.host.step(stepOf(id, position, pick(10) === 0), from)
      }
      const end = pick(4)
      if (end === 0) peer.host.gone(from)
      if (end === 1)
        await peer.host.relink({ session: id, turn: 1, upstream: from, downstream: null }, from)
      if (end > 0) peer.host.close(id, from)
      count('ended')
    } catch (thrown) {
      count(SkeinError.from(thrown).code)
    }
  }

  for (let first = 0; first < sessions; first += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => one(first + index)))
  }
  for (const coordinator of coordinators) peer.host.gone(coordinator)
  expect(outcomes.get('ended')).toBeGreaterThan(sessions / 4)
  expect(outcomes.get('stage-full')).toBeGreaterThan(0)
  expect(outcomes.get('boundary-invalid')).toBeGreaterThan(0)
  expect(peer.stages[0]?.openSlots).toBe(0)
  expect(peer.host.offers()).toEqual(offered)
  expect(peer.host.status()[0]?.sessions).toBe(0)
  await peer.close()
}, 120_000)

/** One row of a boundary; of another size where it `isBad`. */
function stepOf(session: Step['session'], position: number, isBad: boolean): Step {
  const data = new Uint8Array(fakeModel.width * 4 * (isBad ? 2 : 1))
  return {
    session,
    epoch: 0,
    position,
    rows: 1,
    input: { kind: 'boundary', dtype: 'float32', data },
    outputRows: 1,
    topK: 1,
    timings: [],
    hopBytes: []
  }
}
