import type { ErrorValue } from './errors.ts'
import type { LayerRange, ModelKey } from './model.ts'
import type { PeerKey, SessionId } from './peer.ts'

/**
 * How a coordinator, a stage and the next stage talk, whatever lies between them: one process, or a Hyperswarm
 * connection. `swarm/` carries these calls, `host/` serves them, `session/` makes them.
 *
 * The way of one step: the coordinator sends tokens to the first stage; each stage computes and sends its boundary to
 * the next one; the tail sends candidates straight to the coordinator. Messages of a session keep their order on every hop.
 */

/** How a boundary's values travel. The engine always computes in float32. */
export const wireDtypes = ['float32', 'float16'] as const
export type WireDtype = (typeof wireDtypes)[number]

/** Bounds that both ends of a wire enforce. */
export const stageLimits = {
  /** Rows (tokens) in one step. */
  maxRowsPerStep: 512,
  /** Bytes of one step's boundary: a wide model takes fewer rows per step (`maxRowsFor`), so that one message stays small. */
  maxBoundaryBytes: 4 * 1024 * 1024,
  /** Steps of one session that a stage holds at once; whoever sends more breaks the protocol. A replay fills it. */
  maxStepsInFlight: 64,
  /** Steps of a prefill that a coordinator has on their way at once. */
  maxPrefillInFlight: 8,
  /** Candidates that a tail returns per row. */
  maxCandidates: 256,
  /** Rows of one step for which candidates may be asked (speculation verifies several at once). */
  maxOutputRows: 64,
  /** Stages of one chain. */
  maxStages: 64
} as const

/** Bytes of one value on the wire. */
export const bytesPerValue: Readonly<Record<WireDtype, number>> = { float32: 4, float16: 2 }

/**
 * Rows that one step of a model of this width may have. Counted in float32 whatever the wire dtype: a boundary with a value
 * that float16 cannot hold travels as float32.
 */
export function maxRowsFor(width: number): number {
  const rows = Math.floor(stageLimits.maxBoundaryBytes / (bytesPerValue.float32 * width))
  return Math.max(1, Math.min(stageLimits.maxRowsPerStep, rows))
}

/** A session's place on one stage: each stage of a chain has an id of its own, so what is late for a place that is gone reaches nobody. */
export interface StagePlace {
  readonly peer: PeerKey
  readonly session: SessionId
}

/** Asks a peer to keep a place in its KV cache for a session. The caller is the coordinator. */
export interface OpenSession {
  /** The place's id, drawn by the coordinator. */
  readonly session: SessionId
  readonly model: ModelKey
  /** The adapter that must be on the model. */
  readonly adapter?: ModelKey
  readonly range: LayerRange
  /** The only peer whose steps are taken: the coordinator for the first stage, else the stage before. */
  readonly upstream: PeerKey
  /** Where boundaries go; `null` for the tail, whose results go to the coordinator. */
  readonly downstream: StagePlace | null
  /** KV cells to reserve: the longest sequence that this session may reach. */
  readonly maxTokens: number
  /** How this stage sends its boundary where the values allow it (float16 ends at 65504); ignored by the tail. */
  readonly dtype: WireDtype
  /**
   * Steps that end at this position or before it fill the cache and are not handed on: whoever comes behind has had them from a stage
   * that this one replaces. 0 for a new session.
   */
  readonly quietUntil: number
}

export interface OpenedSession {
  /** Rows per step that suit the stage best; never more than `stageLimits.maxRowsPerStep`. */
  readonly preferredRows: number
}

/** What one stage spent on one step, by its own clock, in microseconds. */
export interface StageTiming {
  readonly computeMicros: number
  /** Between the arrival of the step and the start of its computation. */
  readonly waitMicros: number
  /** Round trip to where its output goes, median of the last ones; 0 where it is unknown or within one peer. */
  readonly linkMicros: number
}

/**
 * How a stage that takes the place of another is filled. `exact`: with the steps as they were, so that every batch has the shape that
 * it had and every bit is the same. `fast`: with as many rows at once as it takes; tokens may then differ where two were nearly as likely.
 */
export const replayModes = ['exact', 'fast'] as const
export type ReplayMode = (typeof replayModes)[number]

/** How a sender brings a new place to where the old one was. */
export interface Replay {
  readonly mode: ReplayMode
  /** Whoever comes behind the replaced stages holds everything up to here. */
  readonly quietUntil: number
  /** Rows per step of a fast replay. */
  readonly rows: number
}

/** Tells a place of its new neighbours; what is `null` stays. The caller is the coordinator. */
export interface Relink {
  readonly session: SessionId
  /** Rises with each relink of the place; one that comes late is dropped. */
  readonly turn: number
  readonly upstream: PeerKey | null
  /** Everything that went to the old place goes to the new one, then what comes next. */
  readonly downstream: { readonly place: StagePlace; readonly replay: Replay } | null
}

/**
 * What a stage says while a session goes on. `leaving`: it will be gone soon. `silent`: nothing has come for a while from the peer that it
 * sends to. `lost`: its connection to that peer is gone; what it computes is kept for whoever takes that one's place.
 */
export type StageNotice =
  { readonly kind: 'leaving' } | { readonly kind: 'silent' | 'lost'; readonly peer: PeerKey }

export type StepInput =
  | { readonly kind: 'tokens'; readonly tokens: Int32Array }
  /** `[rows, width]` in `dtype`, little-endian. */
  | { readonly kind: 'boundary'; readonly dtype: WireDtype; readonly data: Uint8Array }

export interface Step {
  /** The place that it goes to. */
  readonly session: SessionId
  /** Rises by one with each rollback; a stage drops steps of an older epoch unseen. The first step of a place says where it begins. */
  readonly epoch: number
  /** Position of the first row: the number of tokens that the stage holds. Rows that it holds already are dropped unseen. */
  readonly position: number
  readonly rows: number
  readonly input: StepInput
  /** How many of the last rows want candidates: 0 while prefilling, 1 for a token, more to verify a draft. */
  readonly outputRows: number
  /** Candidates per output row. */
  readonly topK: number
  /** What the stages so far spent on this step, first stage first. */
  readonly timings: readonly StageTiming[]
  /** Bytes of boundary data that crossed each hop so far, in order. */
  readonly hopBytes: readonly number[]
}

/** The best logits of one row, descending, with the log-sum-exp of the whole row: probabilities without the vocabulary. */
export interface Candidates {
  readonly tokens: Int32Array
  readonly logits: Float32Array
  readonly logSumExp: number
}

export interface StepResult {
  /** The tail's place. */
  readonly session: SessionId
  readonly epoch: number
  /** Position after the step's last row. */
  readonly position: number
  /** One entry for each output row; empty for a step that only fills the cache. */
  readonly candidates: readonly Candidates[]
  /** One entry per stage of the chain, in order. */
  readonly timings: readonly StageTiming[]
  /** Bytes of boundary data that crossed each hop for this step, in order; empty for a chain of one. */
  readonly hopBytes: readonly number[]
}

/** What a coordinator hears of a session that it opened on a stage. */
export interface SessionEvents {
  /** Resolves when the next result may be sent: a slow coordinator slows its tail. */
  result(result: StepResult): Promise<void>
  /** The session is gone on this stage: its engine failed, it was refused midway, or the connection closed. */
  failed(error: ErrorValue): void
  /** The session goes on here, but not for long, or not past a neighbour. */
  notice(notice: StageNotice): void
}

/** A peer's stages as seen by whoever uses them; the local peer's look the same as a remote one's. */
export interface StageLink {
  readonly peer: PeerKey
  /** Median of the last round trips; `undefined` until measured, and for the local peer. */
  readonly roundTripMillis: number | undefined
  /** Throws `SkeinError` with the peer's refusal (`stage-full`, `stage-not-here`, ...) or why it could not be reached. */
  open(request: OpenSession, events: SessionEvents): Promise<OpenedSession>
  /** Resolves when the next step may be sent: a slow peer slows its sender. */
  step(step: Step): Promise<void>
  /** Resolves when the place knows its new neighbours. Throws `history-gone` where it cannot replay, or why it could not be reached. */
  relink(request: Relink): Promise<void>
  /** Forget everything from `position` on and drop queued steps of older epochs; the first stage hands it down the chain. */
  rollback(session: SessionId, epoch: number, position: number): void
  /** End the session and drop its queued work at once. Harmless when it is gone already. */
  close(session: SessionId): void
}

/** Finds the link to a peer, connecting when needed. */
export interface StageNetwork {
  readonly self: PeerKey
  link(peer: PeerKey): Promise<StageLink>
}

/** Who calls a stage, and how it answers them. */
export interface StageCaller {
  readonly peer: PeerKey
  readonly events: SessionEvents
}

/** What a host offers to the network: the other end of `StageLink`. Calls of one session arrive in order. */
export interface StageService {
  open(request: OpenSession, caller: StageCaller): Promise<OpenedSession>
  /** Resolves when the stage would take another step of this session. Throws on a step that breaks the protocol. */
  step(step: Step, from: PeerKey): Promise<void>
  relink(request: Relink, from: PeerKey): Promise<void>
  rollback(session: SessionId, epoch: number, position: number, from: PeerKey): void
  close(session: SessionId, from: PeerKey): void
  /** Nothing has come from the peer for a while: whoever coordinates a session that sends to it is told. */
  silent(peer: PeerKey): void
  /** The peer is gone: free everything that it opened, and tell whoever coordinates a session that sends to it. */
  gone(peer: PeerKey): void
}
