import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { modelKeySchema } from '#contract/model.ts'
import { peerKeySchema, sessionIdSchema, type SessionId } from '#contract/peer.ts'
import type { Relink, StageLink, StageNotice, Step } from '#contract/stage.ts'
import { StageSession } from '#host/stage-session.ts'
import { ByteBudget } from '#swarm/byte-budget.ts'
import { startFakeStage } from '#test/support/fakes/fake-engine.ts'

const session = sessionIdSchema.parse('5'.repeat(32))
const coordinator = peerKeySchema.parse('c'.repeat(64))
const upstreams = ['a', 'b'].map((digit) => peerKeySchema.parse(digit.repeat(64)))
const downstreams = ['d', 'e'].map((digit) => peerKeySchema.parse(digit.repeat(64)))
const [firstUpstream = coordinator, secondUpstream = coordinator] = upstreams
const [firstDownstream = coordinator, secondDownstream = coordinator] = downstreams
const placeId = (index: number): SessionId =>
  sessionIdSchema.parse(index.toString(16).padStart(32, '0'))

/** A stage amidst a chain, with places behind it that write down what they are sent. */
function openMiddle(historyBytes = 1024 * 1024) {
  const process = startFakeStage({
    file: 'none',
    entry: new URL('file:///none'),
    range: { first: 0, end: 1 },
    layers: 2,
    contextTokens: 256,
    slots: 2,
    batchTokens: 32,
    threads: 1,
    device: 'cpu'
  })
  const notices: StageNotice[] = []
  const received = new Map<SessionId, Step[]>()
  const history = new ByteBudget(historyBytes)
  let ended = 0
  const linkTo = (peer: StageLink['peer']): StageLink => ({
    peer,
    roundTripMillis: 5,
    open: () => Promise.reject(new Error('unused')),
    relink: () => Promise.reject(new Error('unused')),
    step(step) {
      received.set(step.session, [...(received.get(step.session) ?? []), step])
      return Promise.resolve()
    },
    rollback: () => undefined,
    close: () => undefined
  })
  const stage = new StageSession({
    request: {
      session,
      model: modelKeySchema.parse('a'.repeat(64)),
      range: { first: 0, end: 1 },
      upstream: firstUpstream,
      downstream: { peer: firstDownstream, session: placeId(0) },
      maxTokens: 128,
      dtype: 'float32',
      quietUntil: 0
    },
    caller: {
      peer: coordinator,
      events: {
        result: () => Promise.reject(new Error('a result from amidst a chain')),
        failed: () => undefined,
        notice: (notice) => void notices.push(notice)
      }
    },
    process,
    slot: process.openSlot(128),
    downstream: linkTo(firstDownstream),
    history,
    now: () => 0,
    onEnd: () => ended++
  })
  return { stage, process, notices, received, history, linkTo, endings: () => ended }
}

function step(position: number, rows: number): Step {
  const tokens = Int32Array.from({ length: rows }, (_, index) => (position + index) % 90)
  return {
    session,
    epoch: 0,
    position,
    rows,
    input: { kind: 'tokens', tokens },
    outputRows: 0,
    topK: 0,
    timings: [],
    hopBytes: []
  }
}

function relinkTo(turn: number, place: number, mode: 'exact' | 'fast' = 'exact'): Relink {
  const downstream = {
    place: { peer: secondDownstream, session: placeId(place) },
    replay: { mode, quietUntil: 0, rows: 8 }
  }
  return { session, turn, upstream: null, downstream }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function bytesOf(steps: readonly Step[] | undefined): number[] {
  return (steps ?? []).flatMap(({ input }) => (input.kind === 'boundary' ? [...input.data] : []))
}

describe('a stage whose neighbours change', () => {
  it('sends the new one all that the old one had, as it was, and goes on', async () => {
    const { stage, received, linkTo, notices } = openMiddle()
    await stage.step(step(0, 5), firstUpstream)
    await stage.step(step(5, 1), firstUpstream)
    await settled()
    stage.neighbour('lost', firstDownstream)
    expect(notices).toEqual([{ kind: 'lost', peer: firstDownstream }])
    await stage.step(step(6, 1), firstUpstream)
    await settled()
    stage.relink(relinkTo(1, 1), linkTo(secondDownstream))
    await stage.step(step(7, 2), firstUpstream)
    await settled()
    expect(received.get(placeId(0))?.map(({ rows }) => rows)).toEqual([5, 1])
    const again = received.get(placeId(1))
    expect(again?.map(({ position, rows }) => ({ position, rows }))).toEqual([
      { position: 0, rows: 5 },
      { position: 5, rows: 1 },
      { position: 6, rows: 1 },
      { position: 7, rows: 2 }
    ])
    expect(bytesOf(again).slice(0, bytesOf(received.get(placeId(0))).length)).toEqual(
      bytesOf(received.get(placeId(0)))
    )
  })

  it('takes no step twice, none of a former neighbour, and no relink that comes late', async () => {
    const { stage, received, linkTo } = openMiddle()
    await stage.step(step(0, 4), firstUpstream)
    stage.relink({ session, turn: 2, upstream: secondUpstream, downstream: null }, undefined)
    for (const position of [0, 4]) await stage.step(step(position, 4), secondUpstream)
    await stage.step(step(8, 4), firstUpstream)
    expect(() => stage.relink(relinkTo(1, 1), linkTo(secondDownstream))).toThrow(SkeinError)
    await settled()
    expect(received.get(placeId(0))?.map(({ position }) => position)).toEqual([0, 4])
    expect(received.has(placeId(1))).toBe(false)
  })

  it('says when it no longer has what it sent', async () => {
    const { stage, linkTo, history } = openMiddle(1000)
    for (let position = 0; position < 4; position++)
      await stage.step(step(position, 1), firstUpstream)
    await settled()
    const late = (): void => stage.relink(relinkTo(1, 1), linkTo(secondDownstream))
    expect(late).toThrow(expect.objectContaining({ code: 'history-gone' }))
    expect(history.used).toBe(0)
  })

  it('sends every place behind it all rows once and in order, whatever comes in between', async () => {
    const act = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ kind: fc.constant('step'), rows: fc.integer({ min: 1, max: 5 }) })
      },
      fc.record({ kind: fc.constant('again'), rows: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('relink'), rows: fc.constantFrom(1, 2) }),
      fc.record({ kind: fc.constant('lost'), rows: fc.constant(0) }),
      fc.record({ kind: fc.constant('turn'), rows: fc.constant(0) }),
      fc.record({ kind: fc.constant('pause'), rows: fc.constant(0) })
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
        const { stage, process, received, linkTo, history, endings } = openMiddle()
        let next = 0
        let turn = 0
        let upstream = firstUpstream
        let behind = firstDownstream
        for (const { kind, rows } of acts) {
          if (kind === 'step') {
            await stage.step(step(next, rows), upstream)
            next += rows
          }
          if (kind === 'again' && next >= rows) await stage.step(step(next - rows, rows), upstream)
          if (kind === 'lost') stage.neighbour('lost', behind)
          if (kind === 'relink') {
            behind = secondDownstream
            const mode = rows === 1 ? 'exact' : 'fast'
            stage.relink(relinkTo(++turn, turn, mode), linkTo(secondDownstream))
          }
          if (kind === 'turn') {
            const former = upstream
            upstream = upstream === firstUpstream ? secondUpstream : firstUpstream
            const request = { session, turn: ++turn, upstream, downstream: null }
            stage.relink(request, undefined)
            await stage.step(step(next, 1), former)
          }
          if (kind === 'pause') await settled()
        }
        await settled()
        for (const steps of received.values()) {
          let expected = 0
          for (const { position, rows } of steps) {
            expect(position).toBe(expected)
            expected += rows
          }
        }
        expect(process.openSlots).toBe(1)
        stage.end()
        stage.end()
        expect(endings()).toBe(1)
        expect(process.openSlots).toBe(0)
        expect(history.used).toBe(0)
      }),
      { numRuns: 200 }
    )
  })
})
