import { SkeinError } from '#contract/errors.ts'
import type { PeerKey } from '#contract/peer.ts'
import {
  stageLimits,
  type OpenSession,
  type StageCaller,
  type StageLink,
  type Step
} from '#contract/stage.ts'
import type { StageProcess } from '#engine/engine-supervisor.ts'
import type { StageInput, StageOutput } from '#engine/stage-types.ts'
import { toWire } from './boundary-values.ts'
import { checkStep, type StepBounds } from './check-step.ts'

/** Steps that wait behind the one that computes, before the sender is asked to wait. */
const comfortableQueue = 2

export interface StageSessionOptions {
  readonly request: OpenSession
  readonly caller: StageCaller
  readonly process: StageProcess
  readonly slot: number
  /** `undefined` for the tail. */
  readonly downstream: StageLink | undefined
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Once, when the slot is free again. */
  readonly onEnd: () => void
}

interface Waiting {
  readonly step: Step
  readonly input: StageInput
  readonly arrivedAt: number
  /** Tells the sender that another step is welcome. */
  readonly release: () => void
}

/**
 * One session on one stage: keeps the order of its steps, computes them one by one and hands each result on. Its upstream
 * may step and roll back, its coordinator may close it; nobody else may do anything.
 */
export class StageSession {
  readonly #options: StageSessionOptions
  readonly #bounds: StepBounds
  readonly #abort = new AbortController()
  #epoch = 0
  /** Position that the next step must have. */
  #next = 0
  #waiting: Waiting[] = []
  #isComputing = false
  #hasEnded = false
  #sending: Promise<void> = Promise.resolve()
  #usedAt: number

  constructor(options: StageSessionOptions) {
    this.#options = options
    const { width, vocabularySize, isFirst } = options.process.info
    this.#bounds = { width, vocabularySize, isFirst, maxTokens: options.request.maxTokens }
    this.#usedAt = options.now()
  }

  get request(): OpenSession {
    return this.#options.request
  }

  get coordinator(): PeerKey {
    return this.#options.caller.peer
  }

  /** When the session was last used, by the clock that it was given. */
  get usedAt(): number {
    return this.#usedAt
  }

  /**
   * Resolves when another step is welcome. Throws on a step that breaks the protocol; if it came from the upstream, the session
   * ends with the same error.
   */
  step(step: Step, from: PeerKey): Promise<void> {
    if (from !== this.request.upstream) return Promise.reject(stranger('step'))
    if (step.epoch < this.#epoch || this.#hasEnded) return Promise.resolve()
    try {
      return this.#take(step)
    } catch (thrown) {
      const error = SkeinError.from(thrown)
      this.end(error)
      return Promise.reject(error)
    }
  }

  /** Forgets everything from `position` on, here and in all later stages. Throws `protocol-violation`. */
  rollback(epoch: number, position: number, from: PeerKey): void {
    if (from !== this.request.upstream) throw stranger('roll back')
    if (this.#hasEnded || epoch <= this.#epoch) return
    if (position > this.#next)
      throw new SkeinError('protocol-violation', 'a rollback to what is to come')
    this.#usedAt = this.#options.now()
    this.#epoch = epoch
    this.#next = position
    this.#dropWaiting()
    this.#options.process.rollback(this.#options.slot, position)
    this.#options.downstream?.rollback(this.request.session, epoch, position)
  }

  close(from: PeerKey): void {
    if (from !== this.coordinator) throw stranger('close')
    this.end()
  }

  /** Frees the slot and drops all work at once; tells the coordinator when there is an error to tell. */
  end(error?: SkeinError): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#abort.abort()
    this.#dropWaiting()
    this.#options.process.closeSlot(this.#options.slot)
    this.#options.onEnd()
    if (error !== undefined) this.#options.caller.events.failed(error.toValue())
  }

  #take(step: Step): Promise<void> {
    if (step.epoch !== this.#epoch) throw outOfOrder(`epoch ${step.epoch} during ${this.#epoch}`)
    if (step.position !== this.#next)
      throw outOfOrder(`position ${step.position}, not ${this.#next}`)
    if (this.#waiting.length >= stageLimits.maxStepsInFlight) {
      throw new SkeinError('protocol-violation', 'too many steps at once')
    }
    const input = checkStep(step, this.#bounds)
    const arrivedAt = this.#options.now()
    this.#usedAt = arrivedAt
    this.#next += step.rows
    return new Promise((release) => {
      this.#waiting.push({ step, input, arrivedAt, release })
      if (this.#waiting.length <= comfortableQueue) release()
      if (!this.#isComputing) void this.#compute()
    })
  }

  /** Computes what waits, one step at a time; never throws. */
  async #compute(): Promise<void> {
    this.#isComputing = true
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.#waiting[comfortableQueue - 1]?.release()
        next.release()
        await this.#computeOne(next)
      }
    } catch (thrown) {
      this.end(SkeinError.from(thrown, 'engine-decode-failed'))
    } finally {
      this.#isComputing = false
    }
  }

  async #computeOne({ step, input, arrivedAt }: Waiting): Promise<void> {
    const { process, slot, now } = this.#options
    const queuedMicros = (now() - arrivedAt) * 1000
    const { position, rows, outputRows, topK } = step
    const output = await process.step(
      { slot, position, input, rows, outputRows, topK },
      this.#abort.signal
    )
    if (this.#hasEnded || step.epoch !== this.#epoch) return
    await this.#handOn(step, output, queuedMicros)
  }

  async #handOn(step: Step, output: StageOutput, queuedMicros: number): Promise<void> {
    const timing = {
      computeMicros: output.computeMicros,
      waitMicros: queuedMicros + output.waitMicros
    }
    const done = { ...step, timings: [...step.timings, timing] }
    const { downstream } = this.#options
    if (downstream === undefined) await this.#answer(done, output)
    else await this.#forward(done, output, downstream)
  }

  #answer(done: Step, output: StageOutput): Promise<void> {
    const { session, epoch, timings, hopBytes } = done
    const position = done.position + done.rows
    const candidates = output.candidates ?? []
    return this.#options.caller.events.result({
      session,
      epoch,
      position,
      candidates,
      timings,
      hopBytes
    })
  }

  /** Sends while the next step computes, but never two at once: a slow next stage slows this one. */
  async #forward(done: Step, output: StageOutput, downstream: StageLink): Promise<void> {
    if (output.boundary === undefined) throw new SkeinError('engine-decode-failed', 'no boundary')
    const boundary = toWire(output.boundary, this.request.dtype)
    await this.#sending
    if (this.#hasEnded) return
    const hopBytes = [...done.hopBytes, boundary.data.byteLength]
    this.#sending = downstream
      .step({ ...done, input: { kind: 'boundary', ...boundary }, hopBytes })
      .catch((thrown: unknown) => this.end(SkeinError.from(thrown, 'peer-lost')))
  }

  #dropWaiting(): void {
    for (const { release } of this.#waiting) release()
    this.#waiting = []
  }
}

function stranger(what: string): SkeinError {
  return new SkeinError('protocol-violation', `a ${what} by a peer that may not`)
}

function outOfOrder(detail: string): SkeinError {
  return new SkeinError('boundary-invalid', `out of order: ${detail}`)
}
