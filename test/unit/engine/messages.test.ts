import { describe, expect, it } from 'vitest'
import { fromEngineSchema, toStageSchema } from '#engine/messages.ts'

const step = {
  slot: 0,
  position: 0,
  rows: 1,
  outputRows: 0,
  topK: 0,
  input: { kind: 'boundary', data: new Float32Array(4) }
}

describe('messages of the engine process', () => {
  it('pass typed arrays through as they are', () => {
    const parsed = toStageSchema.parse({ type: 'step', id: 1, step })
    expect(parsed.type === 'step' && parsed.step.input).toEqual(step.input)
    expect(parsed.type === 'step' && parsed.step.input.kind === 'boundary').toBe(true)
  })

  it.each([
    ['a plain array for a boundary', { ...step, input: { kind: 'boundary', data: [1, 2, 3, 4] } }],
    ['the wrong typed array', { ...step, input: { kind: 'tokens', tokens: new Float32Array(1) } }],
    ['a negative position', { ...step, position: -1 }],
    ['a fraction of a row', { ...step, rows: 0.5 }],
    ['no input', { ...step, input: undefined }]
  ])('refuse %s', (_, wrong) => {
    expect(toStageSchema.safeParse({ type: 'step', id: 1, step: wrong }).success).toBe(false)
  })

  it('refuse an unknown type and a missing id', () => {
    expect(fromEngineSchema.safeParse({ type: 'surprise' }).success).toBe(false)
    expect(fromEngineSchema.safeParse({ type: 'tokens', tokens: new Int32Array(1) }).success).toBe(
      false
    )
  })
})
