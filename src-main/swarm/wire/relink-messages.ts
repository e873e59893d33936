import c from 'compact-encoding'
import type { ErrorValue } from '#contract/errors.ts'
import type { PeerKey, SessionId } from '#contract/peer.ts'
import {
  replayModes,
  stageLimits,
  type Relink,
  type Replay,
  type ReplayMode,
  type StageNotice
} from '#contract/stage.ts'
import { uintUpTo, violation, type Codec } from './codec.ts'
import { nullable, peerKey, position, sessionId, stagePlace } from './fields.ts'
import { failureMessage } from './session-messages.ts'

/** The small messages by which a chain gets a new stage in the place of another. */

const turn = uintUpTo(0xffff_ffff)
const rows = uintUpTo(stageLimits.maxRowsPerStep)
const upstream = nullable<PeerKey>(peerKey)

const replayMode: Codec<ReplayMode> = {
  preencode: (state) => c.uint8.preencode(state, 0),
  encode: (state, value) => c.uint8.encode(state, replayModes.indexOf(value)),
  decode(state) {
    const value = replayModes[c.uint8.decode(state)]
    if (value === undefined) throw violation('an unknown way of replaying')
    return value
  }
}

const replay: Codec<Replay> = {
  preencode(state, value) {
    replayMode.preencode(state, value.mode)
    position.preencode(state, value.quietUntil)
    rows.preencode(state, value.rows)
  },
  encode(state, value) {
    replayMode.encode(state, value.mode)
    position.encode(state, value.quietUntil)
    rows.encode(state, value.rows)
  },
  decode: (state) => ({
    mode: replayMode.decode(state),
    quietUntil: position.decode(state),
    rows: Math.max(1, rows.decode(state))
  })
}

const downstream = nullable<NonNullable<Relink['downstream']>>({
  preencode(state, value) {
    stagePlace.preencode(state, value.place)
    replay.preencode(state, value.replay)
  },
  encode(state, value) {
    stagePlace.encode(state, value.place)
    replay.encode(state, value.replay)
  },
  decode: (state) => ({ place: stagePlace.decode(state), replay: replay.decode(state) })
})

export const relinkMessage: Codec<Relink> = {
  preencode(state, value) {
    sessionId.preencode(state, value.session)
    turn.preencode(state, value.turn)
    upstream.preencode(state, value.upstream)
    downstream.preencode(state, value.downstream)
  },
  encode(state, value) {
    sessionId.encode(state, value.session)
    turn.encode(state, value.turn)
    upstream.encode(state, value.upstream)
    downstream.encode(state, value.downstream)
  },
  decode: (state) => ({
    session: sessionId.decode(state),
    turn: turn.decode(state),
    upstream: upstream.decode(state),
    downstream: downstream.decode(state)
  })
}

interface Relinked {
  readonly session: SessionId
  readonly turn: number
}

export const relinkedMessage: Codec<Relinked> = {
  preencode(state, value) {
    sessionId.preencode(state, value.session)
    turn.preencode(state, value.turn)
  },
  encode(state, value) {
    sessionId.encode(state, value.session)
    turn.encode(state, value.turn)
  },
  decode: (state) => ({ session: sessionId.decode(state), turn: turn.decode(state) })
}

interface NotRelinked extends Relinked {
  readonly error: ErrorValue
}

export const notRelinkedMessage: Codec<NotRelinked> = {
  preencode(state, value) {
    turn.preencode(state, value.turn)
    failureMessage.preencode(state, value)
  },
  encode(state, value) {
    turn.encode(state, value.turn)
    failureMessage.encode(state, value)
  },
  decode: (state) => ({ turn: turn.decode(state), ...failureMessage.decode(state) })
}

const noticeKinds = ['leaving', 'silent', 'lost'] as const

const notice: Codec<StageNotice> = {
  preencode(state, value) {
    state.end++
    if (value.kind !== 'leaving') peerKey.preencode(state, value.peer)
  },
  encode(state, value) {
    c.uint8.encode(state, noticeKinds.indexOf(value.kind))
    if (value.kind !== 'leaving') peerKey.encode(state, value.peer)
  },
  decode(state) {
    const kind = noticeKinds[c.uint8.decode(state)]
    if (kind === undefined) throw violation('an unknown notice')
    return kind === 'leaving' ? { kind } : { kind, peer: peerKey.decode(state) }
  }
}

interface Notice {
  readonly session: SessionId
  readonly notice: StageNotice
}

export const noticeMessage: Codec<Notice> = {
  preencode(state, value) {
    sessionId.preencode(state, value.session)
    notice.preencode(state, value.notice)
  },
  encode(state, value) {
    sessionId.encode(state, value.session)
    notice.encode(state, value.notice)
  },
  decode: (state) => ({ session: sessionId.decode(state), notice: notice.decode(state) })
}
