import c from 'compact-encoding'
import { stageLimits, type Candidates, type StepResult } from '#contract/stage.ts'
import {
  bufferOf,
  listUpTo,
  take,
  uintUpTo,
  violation,
  type Codec,
  type CodecState
} from './codec.ts'
import { epoch, position, sessionId, timing } from './fields.ts'

/** What the tail tells the coordinator of one step. */

const count = uintUpTo(stageLimits.maxCandidates)

const candidates: Codec<Candidates> = {
  preencode(state, value) {
    count.preencode(state, value.tokens.length)
    state.end += value.tokens.length * 8 + 8
  },
  encode(state, value) {
    count.encode(state, value.tokens.length)
    c.float64.encode(state, value.logSumExp)
    putWords(state, value.tokens)
    putWords(state, value.logits)
  },
  decode(state) {
    const length = count.decode(state)
    if (length === 0) throw violation('an output row without candidates')
    const logSumExp = c.float64.decode(state)
    const tokens = new Int32Array(length)
    takeWords(state, tokens)
    const logits = new Float32Array(length)
    takeWords(state, logits)
    if (!Number.isFinite(logSumExp) || !isDescending(logits))
      throw violation('candidates out of order')
    if (tokens.some((token) => token < 0)) throw violation('a negative token')
    return { tokens, logits, logSumExp }
  }
}

function putWords(state: CodecState, words: Int32Array | Float32Array): void {
  bufferOf(state).set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), state.start)
  state.start += words.byteLength
}

function takeWords(state: CodecState, words: Int32Array | Float32Array): void {
  new Uint8Array(words.buffer).set(take(state, words.byteLength))
}

/** Also false where a value is not a number. */
function isDescending(logits: Float32Array): boolean {
  let last = Number.MAX_VALUE
  for (const logit of logits) {
    if (!(logit <= last) || logit === -Infinity) return false
    last = logit
  }
  return true
}

const rowsOfCandidates = listUpTo(candidates, stageLimits.maxOutputRows)
const timings = listUpTo(timing, stageLimits.maxStages)
const hopBytes = listUpTo(uintUpTo(stageLimits.maxBoundaryBytes), stageLimits.maxStages)

export const resultMessage: Codec<StepResult> = {
  preencode(state, result) {
    sessionId.preencode(state, result.session)
    epoch.preencode(state, result.epoch)
    position.preencode(state, result.position)
    rowsOfCandidates.preencode(state, result.candidates)
    timings.preencode(state, result.timings)
    hopBytes.preencode(state, result.hopBytes)
  },
  encode(state, result) {
    sessionId.encode(state, result.session)
    epoch.encode(state, result.epoch)
    position.encode(state, result.position)
    rowsOfCandidates.encode(state, result.candidates)
    timings.encode(state, result.timings)
    hopBytes.encode(state, result.hopBytes)
  },
  decode: (state) => ({
    session: sessionId.decode(state),
    epoch: epoch.decode(state),
    position: position.decode(state),
    candidates: rowsOfCandidates.decode(state),
    timings: timings.decode(state),
    hopBytes: hopBytes.decode(state)
  })
}
