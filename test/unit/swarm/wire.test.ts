import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { modelKeySchema } from '#contract/model.ts'
import { peerKeySchema, sessionIdSchema } from '#contract/peer.ts'
import {
  stageLimits,
  type OpenSession,
  type Relink,
  type Step,
  type StepResult
} from '#contract/stage.ts'
import { decodeWhole, encodeWhole, type Codec } from '#swarm/wire/codec.ts'
import { helloMessage } from '#swarm/wire/hello-message.ts'
import { announceMessage, gossipMessage, pingMessage } from '#swarm/wire/peer-messages.ts'
import { noticeMessage, relinkMessage } from '#swarm/wire/relink-messages.ts'
import { resultMessage } from '#swarm/wire/result-message.ts'
import {
  closeMessage,
  failureMessage,
  openedMessage,
  openMessage,
  rollbackMessage
} from '#swarm/wire/session-messages.ts'
import { stepMessage } from '#swarm/wire/step-message.ts'

const session = sessionIdSchema.parse('0123456789abcdef'.repeat(2))
const peer = peerKeySchema.parse('b'.repeat(64))

const open: OpenSession = {
  session,
  model: modelKeySchema.parse('a'.repeat(64)),
  range: { first: 2, end: 5 },
  upstream: peer,
  downstream: null,
  maxTokens: 4096,
  dtype: 'float16',
  quietUntil: 12
}

const step: Step = {
  session,
  epoch: 3,
  position: 17,
  rows: 2,
  input: {
    kind: 'boundary',
    dtype: 'float32',
    data: Uint8Array.from({ length: 16 }, (_, index) => index)
  },
  outputRows: 1,
  topK: 40,
  timings: [{ computeMicros: 1200, waitMicros: 3, linkMicros: 40 }],
  hopBytes: [16]
}

const result: StepResult = {
  session,
  epoch: 1,
  position: 18,
  candidates: [{ tokens: Int32Array.of(5, 2), logits: Float32Array.of(3.5, -1), logSumExp: 4.25 }],
  timings: [{ computeMicros: 7, waitMicros: 0, linkMicros: 0 }],
  hopBytes: [16, 32]
}

const rejects = <T>(codec: Codec<T>, bytes: Uint8Array): void => {
  expect(() => decodeWhole(codec, bytes)).toThrow(SkeinError)
}

describe('messages on the wire', () => {
  it('come out as they went in', () => {
    expect(decodeWhole(openMessage, encodeWhole(openMessage, open))).toEqual(open)
    const middle = { ...open, downstream: { peer, session } }
    expect(decodeWhole(openMessage, encodeWhole(openMessage, middle))).toEqual(middle)
    const adapted = { ...open, adapter: modelKeySchema.parse('c'.repeat(64)) }
    expect(decodeWhole(openMessage, encodeWhole(openMessage, adapted))).toEqual(adapted)
    expect(decodeWhole(stepMessage, encodeWhole(stepMessage, step))).toEqual(step)
    const tokens: Step = { ...step, input: { kind: 'tokens', tokens: Int32Array.of(9, -1) } }
    expect(decodeWhole(stepMessage, encodeWhole(stepMessage, tokens))).toEqual(tokens)
    expect(decodeWhole(resultMessage, encodeWhole(resultMessage, result))).toEqual(result)
    const relink: Relink = {
      session,
      turn: 3,
      upstream: peer,
      downstream: { place: { peer, session }, replay: { mode: 'fast', quietUntil: 9, rows: 64 } }
    }
    for (const request of [relink, { ...relink, upstream: null, downstream: null }]) {
      expect(decodeWhole(relinkMessage, encodeWhole(relinkMessage, request))).toEqual(request)
    }
    for (const notice of [{ kind: 'leaving' }, { kind: 'silent', peer }] as const) {
      const told = { session, notice }
      expect(decodeWhole(noticeMessage, encodeWhole(noticeMessage, told))).toEqual(told)
    }
    const rollback = { session, epoch: 4, position: 9 }
    expect(decodeWhole(rollbackMessage, encodeWhole(rollbackMessage, rollback))).toEqual(rollback)
  })

  it('carry a step in some 70 bytes and its boundary', () => {
    expect(encodeWhole(stepMessage, step).byteLength).toBeLessThan(16 + 70)
  })

  it('know the errors of this version, and read others as internal', () => {
    const error = new SkeinError('stage-full', 'ü'.repeat(1000)).toValue()
    const { error: read } = decodeWhole(
      failureMessage,
      encodeWhole(failureMessage, { session, error })
    )
    expect(read).toMatchObject({ code: 'stage-full', sentence: error.sentence })
    const bytes = encodeWhole(failureMessage, {
      session,
      error: new SkeinError('stage-full').toValue()
    })
    bytes[20] = 'X'.charCodeAt(0)
    expect(decodeWhole(failureMessage, bytes).error.code).toBe('internal')
  })

  it.each<[string, Partial<Step>]>([
    ['no rows', { rows: 0 }],
    ['too many rows', { rows: stageLimits.maxRowsPerStep + 1 }],
    ['more output rows than rows', { outputRows: 3 }],
    ['too many candidates', { topK: stageLimits.maxCandidates + 1 }],
    ['half a row', { rows: 3 }],
    ['no boundary', { input: { kind: 'boundary', dtype: 'float32', data: new Uint8Array() } }],
    ['too few tokens', { input: { kind: 'tokens', tokens: Int32Array.of(1) } }],
    ['a position beyond any model', { position: 2 ** 25 }],
    [
      'too many timings',
      {
        timings: Array.from({ length: 65 }, () => ({
          computeMicros: 0,
          waitMicros: 0,
          linkMicros: 0
        }))
      }
    ]
  ])('refuse a step with %s', (_, change) => {
    rejects(stepMessage, encodeWhole(stepMessage, { ...step, ...change }))
  })

  it.each<[string, StepResult['candidates'][number]]>([
    ['without candidates', { tokens: new Int32Array(), logits: new Float32Array(), logSumExp: 0 }],
    [
      'that is not a number',
      { tokens: Int32Array.of(1), logits: Float32Array.of(NaN), logSumExp: 0 }
    ],
    ['without end', { tokens: Int32Array.of(1), logits: Float32Array.of(Infinity), logSumExp: 0 }],
    [
      'in rising order',
      { tokens: Int32Array.of(1, 2), logits: Float32Array.of(0, 1), logSumExp: 2 }
    ],
    [
      'with a negative token',
      { tokens: Int32Array.of(-1), logits: Float32Array.of(0), logSumExp: 2 }
    ],
    ['with no sum', { tokens: Int32Array.of(1), logits: Float32Array.of(0), logSumExp: NaN }]
  ])('refuse a result %s', (_, candidates) => {
    rejects(resultMessage, encodeWhole(resultMessage, { ...result, candidates: [candidates] }))
  })

  it('refuse every message that is cut short or has something behind it', () => {
    for (const bytes of [encodeWhole(stepMessage, step), encodeWhole(resultMessage, result)]) {
      const codec: Codec<unknown> =
        bytes.byteLength === encodeWhole(stepMessage, step).byteLength ? stepMessage : resultMessage
      for (let length = 0; length < bytes.byteLength; length++)
        rejects(codec, bytes.subarray(0, length))
      rejects(codec, Buffer.concat([bytes, Buffer.of(0)]))
    }
  })

  it('are read or refused, whatever the bytes', () => {
    const codecs: readonly Codec<unknown>[] = [
      openMessage,
      openedMessage,
      failureMessage,
      stepMessage,
      resultMessage,
      rollbackMessage,
      closeMessage,
      announceMessage,
      gossipMessage,
      pingMessage,
      helloMessage
    ]
    fc.assert(
      fc.property(fc.constantFrom(...codecs), fc.uint8Array({ maxLength: 300 }), (codec, bytes) => {
        try {
          decodeWhole(codec, bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(SkeinError)
        }
      }),
      { numRuns: 5000 }
    )
  })
})
