import c from 'compact-encoding'
import { bytesPerValue, stageLimits, type Step, type StepInput } from '#contract/stage.ts'
import { bytesUpTo, listUpTo, uintUpTo, violation, type Codec } from './codec.ts'
import { dtype, epoch, position, sessionId, timing } from './fields.ts'

/** A step on its way into a stage: the one large message, `[rows, width]` values after a header of some 60 bytes. */

const rows = uintUpTo(stageLimits.maxRowsPerStep)
const outputRows = uintUpTo(stageLimits.maxOutputRows)
const topK = uintUpTo(stageLimits.maxCandidates)
const timings = listUpTo(timing, stageLimits.maxStages)
const hopBytes = listUpTo(uintUpTo(stageLimits.maxBoundaryBytes), stageLimits.maxStages)
const tokenBytes = bytesUpTo(stageLimits.maxRowsPerStep * 4)
const boundaryBytes = bytesUpTo(stageLimits.maxBoundaryBytes)

const kinds = { tokens: 0, boundary: 1 } as const

const input: Codec<StepInput> = {
  preencode(state, value) {
    state.end++
    if (value.kind === 'tokens') {
      tokenBytes.preencode(state, bytesOf(value.tokens))
    } else {
      dtype.preencode(state, value.dtype)
      boundaryBytes.preencode(state, value.data)
    }
  },
  encode(state, value) {
    c.uint8.encode(state, kinds[value.kind])
    if (value.kind === 'tokens') {
      tokenBytes.encode(state, bytesOf(value.tokens))
    } else {
      dtype.encode(state, value.dtype)
      boundaryBytes.encode(state, value.data)
    }
  },
  decode(state) {
    const kind = c.uint8.decode(state)
    if (kind === kinds.tokens) return { kind: 'tokens', tokens: tokensOf(tokenBytes.decode(state)) }
    if (kind !== kinds.boundary) throw violation('an unknown kind of step')
    return { kind: 'boundary', dtype: dtype.decode(state), data: boundaryBytes.decode(state) }
  }
}

function bytesOf(tokens: Int32Array): Uint8Array {
  return new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength)
}

/** A copy: the message's bytes need not lie on a multiple of four. */
function tokensOf(bytes: Uint8Array): Int32Array {
  if (bytes.byteLength % 4 !== 0) throw violation('half a token')
  const tokens = new Int32Array(bytes.byteLength / 4)
  new Uint8Array(tokens.buffer).set(bytes)
  return tokens
}

/** Whether the input holds as many rows as the step says; the width is checked by the stage, which knows it. */
function hasRows(value: StepInput, count: number): boolean {
  if (value.kind === 'tokens') return value.tokens.length === count
  return (
    value.data.byteLength > 0 && value.data.byteLength % (count * bytesPerValue[value.dtype]) === 0
  )
}

export const stepMessage: Codec<Step> = {
  preencode(state, step) {
    sessionId.preencode(state, step.session)
    epoch.preencode(state, step.epoch)
    position.preencode(state, step.position)
    rows.preencode(state, step.rows)
    outputRows.preencode(state, step.outputRows)
    topK.preencode(state, step.topK)
    timings.preencode(state, step.timings)
    hopBytes.preencode(state, step.hopBytes)
    input.preencode(state, step.input)
  },
  encode(state, step) {
    sessionId.encode(state, step.session)
    epoch.encode(state, step.epoch)
    position.encode(state, step.position)
    rows.encode(state, step.rows)
    outputRows.encode(state, step.outputRows)
    topK.encode(state, step.topK)
    timings.encode(state, step.timings)
    hopBytes.encode(state, step.hopBytes)
    input.encode(state, step.input)
  },
  decode(state) {
    const step = {
      session: sessionId.decode(state),
      epoch: epoch.decode(state),
      position: position.decode(state),
      rows: rows.decode(state),
      outputRows: outputRows.decode(state),
      topK: topK.decode(state),
      timings: timings.decode(state),
      hopBytes: hopBytes.decode(state),
      input: input.decode(state)
    }
    if (step.rows === 0 || step.outputRows > step.rows) throw violation('a step without its rows')
    if (!hasRows(step.input, step.rows)) throw violation('a step of another size than it says')
    return step
  }
}
