import type { ErrorCode } from './errors.ts'
import type { ModelInfo } from './model.ts'
import type { PeerKey } from './peer.ts'

/**
 * `whole`: every byte is here. `partial`: some layers are. `file-missing`, `file-changed`: the file that was added is gone, or is not
 * the one that was read; nothing of it is used or shared.
 */
type ModelState = 'whole' | 'partial' | 'file-missing' | 'file-changed'

/** A model as this computer keeps it. */
export interface StoredModel {
  readonly info: ModelInfo
  readonly fileName: string
  /** The file that holds the bytes, where it is not the store itself. */
  readonly path?: string
  /** ISO 8601, in UTC. */
  readonly addedAt: string
  readonly state: ModelState
  /** Whether peers may have it, once the person agreed to share at all. */
  readonly seeding: boolean
}

/** Of one file or model, in bytes. */
export interface ByteProgress {
  readonly doneBytes: number
  readonly totalBytes: number
}

/** `checking`: what was read before an interruption is taken up again. `building`: the file is read; its tree is written. */
export type ImportPhase = 'downloading' | 'checking' | 'reading' | 'building'

export interface ImportProgress extends ByteProgress {
  readonly phase: ImportPhase
  /** Absent until measured. */
  readonly bytesPerSecond?: number
}

/** Bytes of weights exchanged with peers. */
export interface MonthlyUsage {
  /** `2026-11`, in UTC. */
  readonly month: string
  readonly uploadedBytes: number
  readonly downloadedBytes: number
}

/** Blocks of 64 KiB. Damaged ones are not offered to peers any more, and can be fetched again. */
export interface VerifyReport {
  readonly checkedBlocks: number
  readonly damagedBlocks: number
}

/**
 * `searching`: nobody who is online now has what is missing; it goes on by itself when somebody comes. `paused`: for a reason
 * on this computer, which `pausedBy` names.
 */
type FetchState = 'searching' | 'fetching' | 'paused'

export interface FetchProgress extends ByteProgress {
  readonly state: FetchState
  readonly pausedBy?: ErrorCode
  /** Absent until measured. */
  readonly bytesPerSecond?: number
  readonly secondsLeft?: number
  /** Who gave something to this fetch, or is asked now. */
  readonly peers: readonly FetchPeer[]
}

export interface FetchPeer {
  readonly peer: PeerKey
  readonly bytes: number
  readonly bytesPerSecond?: number
}
