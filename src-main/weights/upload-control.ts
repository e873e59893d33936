import type { ModelKey } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import { realClock, type Clock } from './byte-bucket.ts'
import { UploadTurns } from './upload-turns.ts'
import type { UsageLedger } from './usage-ledger.ts'

/** What a person lends of their uplink. Nothing until they agreed to share. */
export interface UploadLimits {
  readonly isAllowed: boolean
  /** `Infinity`: no cap. */
  readonly bytesPerSecond: number
  /** To any one peer; no cap of its own when absent. */
  readonly bytesPerSecondPerPeer?: number
  readonly bytesPerMonth: number
}

const noUploads: UploadLimits = {
  isAllowed: false,
  bytesPerSecond: Infinity,
  bytesPerMonth: Infinity
}

/** A block that a peer asked for. */
export interface UploadRequest {
  readonly peer: PeerKey
  readonly model: ModelKey
  readonly bytes: number
  /** Whether the peer still wants it. */
  readonly isWanted: () => boolean
}

/** Decides over each block that a peer asked for: now, later, or not from here. */
export class UploadControl {
  readonly #ledger: UsageLedger
  readonly #turns: UploadTurns
  #limits: UploadLimits = noUploads

  constructor(ledger: UsageLedger, clock: Clock = realClock) {
    this.#ledger = ledger
    this.#turns = new UploadTurns(clock)
  }

  get limits(): UploadLimits {
    return this.#limits
  }

  /** Takes effect at once: when uploads stop being allowed, what waits is refused. */
  setLimits(limits: UploadLimits): void {
    this.#limits = limits
    this.#turns.setRates(limits.bytesPerSecond, limits.bytesPerSecondPerPeer ?? Infinity)
    if (!limits.isAllowed) this.#turns.refuseAll()
  }

  /** Resolves when the block may go to the peer, or to `false`. What may go is counted. */
  async admit({ peer, model, bytes, isWanted }: UploadRequest): Promise<boolean> {
    if (!this.#mayUpload(bytes)) return false
    if (!(await this.#turns.take(peer, bytes, isWanted))) return false
    // Others had their turns meanwhile, and the person may have changed their mind.
    if (!this.#mayUpload(bytes)) return false
    this.#ledger.add(model, { uploaded: bytes })
    return true
  }

  #mayUpload(bytes: number): boolean {
    const {
      isAllowed,
      bytesPerMonth,
      bytesPerSecond,
      bytesPerSecondPerPeer = Infinity
    } = this.#limits
    const wouldBe = this.#ledger.current().uploadedBytes + bytes
    return isAllowed && bytesPerSecond > 0 && bytesPerSecondPerPeer > 0 && wouldBe <= bytesPerMonth
  }
}
