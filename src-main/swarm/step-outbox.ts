import type { SkeinError } from '#contract/errors.ts'
import type { SessionId } from '#contract/peer.ts'
import type { Step } from '#contract/stage.ts'
import { stepBytes, stepWindowBytes } from './wire-limits.ts'
import { violation } from './wire/codec.ts'

interface Waiting {
  readonly step: Step
  readonly resolve: (sent: Promise<void> | undefined) => void
  readonly reject: (error: SkeinError) => void
}

/** Steps on their way to one peer: no more than its window at once; the others wait here, in order. */
export class StepOutbox {
  /** Resolves when the connection would take more. */
  readonly #send: (step: Step) => Promise<void>
  #waiting: Waiting[] = []
  #untakenBytes = 0

  constructor(send: (step: Step) => Promise<void>) {
    this.#send = send
  }

  /** Resolves when the step has left and the next one may come. */
  send(step: Step): Promise<void> {
    if (this.#waiting.length === 0 && this.#fits(step)) return this.#sendNow(step)
    return new Promise<void>((resolve, reject) => {
      this.#waiting.push({ step, reject, resolve: (sent) => resolve(sent) })
    })
  }

  /** The peer's stages have taken so many bytes. Throws `protocol-violation` when that is more than were sent. */
  taken(bytes: number): void {
    if (bytes > this.#untakenBytes) throw violation('more steps taken than sent')
    this.#untakenBytes -= bytes
    this.#sendWhatFits()
  }

  /** Steps of this session that wait here are not wanted any more. */
  drop(session: SessionId): void {
    const isGone = ({ step }: Waiting): boolean => step.session === session
    for (const waiting of this.#waiting.filter(isGone)) waiting.resolve(undefined)
    this.#waiting = this.#waiting.filter((waiting) => !isGone(waiting))
    this.#sendWhatFits()
  }

  /** The connection is gone. */
  fail(error: SkeinError): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
  }

  #sendWhatFits(): void {
    for (;;) {
      const next = this.#waiting[0]
      if (next === undefined || !this.#fits(next.step)) return
      this.#waiting.shift()
      next.resolve(this.#sendNow(next.step))
    }
  }

  #fits(step: Step): boolean {
    return this.#untakenBytes + stepBytes(step) <= stepWindowBytes
  }

  #sendNow(step: Step): Promise<void> {
    this.#untakenBytes += stepBytes(step)
    return this.#send(step)
  }
}
