import { errorCodeSchema, errorTexts, type ErrorValue } from '#contract/errors.ts'
import type { ModelKey } from '#contract/model.ts'
import type { SessionId } from '#contract/peer.ts'
import { stageLimits, type OpenSession } from '#contract/stage.ts'
import { textUpTo, uintUpTo, type Codec } from './codec.ts'
import {
  dtype,
  epoch,
  layerRange,
  modelKey,
  nullable,
  peerKey,
  position,
  sessionId,
  stagePlace
} from './fields.ts'

/** The small messages that open, turn back and end a session. */

const downstream = nullable(stagePlace)
const adapter = nullable(modelKey)

export const openMessage: Codec<OpenSession> = {
  preencode(state, open) {
    sessionId.preencode(state, open.session)
    modelKey.preencode(state, open.model)
    adapter.preencode(state, open.adapter ?? null)
    layerRange.preencode(state, open.range)
    peerKey.preencode(state, open.upstream)
    downstream.preencode(state, open.downstream)
    position.preencode(state, open.maxTokens)
    dtype.preencode(state, open.dtype)
    position.preencode(state, open.quietUntil)
  },
  encode(state, open) {
    sessionId.encode(state, open.session)
    modelKey.encode(state, open.model)
    adapter.encode(state, open.adapter ?? null)
    layerRange.encode(state, open.range)
    peerKey.encode(state, open.upstream)
    downstream.encode(state, open.downstream)
    position.encode(state, open.maxTokens)
    dtype.encode(state, open.dtype)
    position.encode(state, open.quietUntil)
  },
  decode: (state) => ({
    session: sessionId.decode(state),
    model: modelKey.decode(state),
    ...withAdapter(adapter.decode(state)),
    range: layerRange.decode(state),
    upstream: peerKey.decode(state),
    downstream: downstream.decode(state),
    maxTokens: position.decode(state),
    dtype: dtype.decode(state),
    quietUntil: position.decode(state)
  })
}

function withAdapter(key: ModelKey | null): Pick<OpenSession, 'adapter'> {
  return key === null ? {} : { adapter: key }
}

interface Opened {
  readonly session: SessionId
  readonly preferredRows: number
}

const preferredRows = uintUpTo(stageLimits.maxRowsPerStep)

export const openedMessage: Codec<Opened> = {
  preencode(state, opened) {
    sessionId.preencode(state, opened.session)
    preferredRows.preencode(state, opened.preferredRows)
  },
  encode(state, opened) {
    sessionId.encode(state, opened.session)
    preferredRows.encode(state, opened.preferredRows)
  },
  decode: (state) => ({
    session: sessionId.decode(state),
    preferredRows: Math.max(1, preferredRows.decode(state))
  })
}

interface Failure {
  readonly session: SessionId
  readonly error: ErrorValue
}

const code = textUpTo(64)
const detail = textUpTo(500)

/** Carries code and detail; the words for a person are the receiver's own. A code that it does not know reads as `internal`. */
export const failureMessage: Codec<Failure> = {
  preencode(state, failure) {
    sessionId.preencode(state, failure.session)
    code.preencode(state, failure.error.code)
    detail.preencode(state, shortDetail(failure.error))
  },
  encode(state, failure) {
    sessionId.encode(state, failure.session)
    code.encode(state, failure.error.code)
    detail.encode(state, shortDetail(failure.error))
  },
  decode(state) {
    const session = sessionId.decode(state)
    const parsed = errorCodeSchema.safeParse(code.decode(state))
    const known = parsed.success ? parsed.data : 'internal'
    const words = detail.decode(state)
    const error = { code: known, ...errorTexts[known] }
    return { session, error: words === '' ? error : { ...error, detail: words } }
  }
}

/** At most 100 characters: however many bytes UTF-8 needs for each, it fits. */
function shortDetail(error: ErrorValue): string {
  return (error.detail ?? '').slice(0, 100).toWellFormed()
}

interface Rollback {
  readonly session: SessionId
  readonly epoch: number
  readonly position: number
}

export const rollbackMessage: Codec<Rollback> = {
  preencode(state, rollback) {
    sessionId.preencode(state, rollback.session)
    epoch.preencode(state, rollback.epoch)
    position.preencode(state, rollback.position)
  },
  encode(state, rollback) {
    sessionId.encode(state, rollback.session)
    epoch.encode(state, rollback.epoch)
    position.encode(state, rollback.position)
  },
  decode: (state) => ({
    session: sessionId.decode(state),
    epoch: epoch.decode(state),
    position: position.decode(state)
  })
}

export const closeMessage: Codec<SessionId> = sessionId

/** Bytes of steps. */
export const takenMessage: Codec<number> = uintUpTo(0xffff_ffff)
