import { ByteBucket, realClock, type Clock } from './byte-bucket.ts'
import type { UsageLedger } from './usage-ledger.ts'

/** What a person lends of their uplink. Nothing until they agreed to share. */
export interface UploadLimits {
  readonly isAllowed: boolean
  /** `Infinity`: no cap. */
  readonly bytesPerSecond: number
  readonly bytesPerMonth: number
}

const noUploads: UploadLimits = {
  isAllowed: false,
  bytesPerSecond: Infinity,
  bytesPerMonth: Infinity
}

/** Blocks that may wait for their turn. Each holds 64 KiB; a peer that is refused asks elsewhere. */
const maxWaiting = 512

/** Decides over each block that a peer asked for: now, later, or not from here. */
export class UploadControl {
  readonly #ledger: UsageLedger
  readonly #bucket: ByteBucket
  #limits: UploadLimits = noUploads
  #waiting = 0
  #stop = new AbortController()

  constructor(ledger: UsageLedger, clock: Clock = realClock) {
    this.#ledger = ledger
    this.#bucket = new ByteBucket(Infinity, clock)
  }

  get limits(): UploadLimits {
    return this.#limits
  }

  /** Takes effect at once: when uploads stop being allowed, what waits is refused. */
  setLimits(limits: UploadLimits): void {
    this.#limits = limits
    this.#bucket.setRate(limits.bytesPerSecond)
    if (limits.isAllowed) return
    this.#stop.abort()
    this.#stop = new AbortController()
  }

  /** Resolves when a block of so many bytes may go to a peer, or to `false`. What may go is counted. */
  async admit(bytes: number): Promise<boolean> {
    if (!this.#mayUpload(bytes) || this.#waiting >= maxWaiting) return false
    const { signal } = this.#stop
    this.#waiting++
    try {
      await this.#bucket.take(bytes, signal)
    } finally {
      this.#waiting--
    }
    if (signal.aborted || !this.#mayUpload(bytes)) return false
    this.#ledger.add({ uploaded: bytes })
    return true
  }

  #mayUpload(bytes: number): boolean {
    const { isAllowed, bytesPerMonth, bytesPerSecond } = this.#limits
    const wouldBe = this.#ledger.current().uploadedBytes + bytes
    return isAllowed && bytesPerSecond > 0 && wouldBe <= bytesPerMonth
  }
}
