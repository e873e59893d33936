import { SkeinError } from '#contract/errors.ts'
import type { PeerKey } from '#contract/peer.ts'
import {
  stageLimits,
  type OpenSession,
  type Relink,
  type StageCaller,
  type StageLink,
  type Step
} from '#contract/stage.ts'
import type { StageProcess } from '#engine/engine-supervisor.ts'
import type { StageInput, StageOutput } from '#engine/stage-types.ts'
import type { ByteBudget } from '#swarm/byte-budget.ts'
import { StepOutlet } from '#swarm/step-outlet.ts'
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
  /** Bytes of sent boundaries that all sessions of this peer may keep. */
  readonly history: ByteBudget
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
 * One session's place on one stage: keeps the order of its steps, computes them one by one and hands each result on. Its upstream
 * may step and roll back, its coordinator may relink and close it; nobody else may do anything. It outlives its neighbours: when one is
 * gone it says so and keeps its cache, and what it sent, for the one that comes instead.
 */
export class StageSession {
  readonly #options: StageSessionOptions
  readonly #bounds: StepBounds
  readonly #outlet: StepOutlet | undefined
  readonly #abort = new AbortController()
  #upstream: PeerKey
  /** Peers that were upstream once: what they still send is late, not hostile. */
  readonly #formerUpstreams = new Set<PeerKey>()
  #turn = 0
  #epoch: number | undefined
  /** Position that the next step must have. */
  #next = 0
  #waiting: Waiting[] = []
  #isComputing = false
  #hasEnded = false
  #usedAt: number

  constructor(options: StageSessionOptions) {
    const { request, process, downstream, history, now } = options
    const { width, vocabularySize, isFirst } = process.info
    this.#options = options
    this.#bounds = { width, vocabularySize, isFirst, maxTokens: request.maxTokens }
    this.#upstream = request.upstream
    this.#usedAt = now()
    if (request.downstream !== null && downstream !== undefined) {
      const onLost = (): void => this.#tellLost(place.peer)
      const place = request.downstream
      this.#outlet = new StepOutlet({ budget: history, onLost }, { link: downstream, place })
    }
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
   * ends with the same error. Rows that are here already are dropped: a stage in front was replaced, and what it had sent comes again.
   */
  step(step: Step, from: PeerKey): Promise<void> {
    if (from !== this.#upstream) return this.#dropLate(from, 'step')
    if (this.#hasEnded || step.epoch < (this.#epoch ?? 0)) return Promise.resolve()
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
    if (from !== this.#upstream) {
      if (this.#formerUpstreams.has(from)) return
      throw stranger('roll back')
    }
    if (this.#hasEnded || epoch <= (this.#epoch ?? 0)) return
    if (position > this.#next)
      throw new SkeinError('protocol-violation', 'a rollback to what is to come')
    this.#usedAt = this.#options.now()
    this.#epoch = epoch
    this.#next = position
    this.#dropWaiting()
    this.#options.process.rollback(this.#options.slot, position)
    this.#outlet?.rollback(epoch, position)
  }

  /**
   * New neighbours from now on; `link` leads to the new downstream. Throws `history-gone`, and `protocol-violation` where the place has
   * no such neighbour.
   */
  relink({ turn, upstream, downstream }: Relink, link: StageLink | undefined): void {
    if (this.#hasEnded || turn <= this.#turn)
      throw new SkeinError('cancelled', 'a relink that is late')
    this.#turn = turn
    this.#usedAt = this.#options.now()
    if (downstream !== null && link !== undefined) {
      if (this.#outlet === undefined)
        throw new SkeinError('protocol-violation', 'a stage behind the tail')
      this.#outlet.relink({ link, place: downstream.place }, downstream.replay)
    }
    if (upstream === null) return
    this.#formerUpstreams.add(this.#upstream)
    this.#upstream = upstream
  }

  /**
   * Tells the coordinator when the peer is the one that this place sends to. Of the one in front nothing is said: the link between two
   * stages is lost for both of them, and the one that sends knows what is missing.
   */
  neighbour(kind: 'silent' | 'lost', peer: PeerKey): void {
    if (this.#hasEnded || this.#outlet?.peer !== peer) return
    if (kind === 'lost') this.#outlet.lose()
    this.#options.caller.events.notice({ kind, peer })
  }

  /** Tells the coordinator that this peer will be gone soon. */
  leave(): void {
    if (!this.#hasEnded) this.#options.caller.events.notice({ kind: 'leaving' })
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
    this.#outlet?.close()
    this.#options.process.closeSlot(this.#options.slot)
    this.#options.onEnd()
    if (error !== undefined) this.#options.caller.events.failed(error.toValue())
  }

  #dropLate(from: PeerKey, what: string): Promise<void> {
    if (this.#formerUpstreams.has(from)) return Promise.resolve()
    return Promise.reject(stranger(what))
  }

  #tellLost(peer: PeerKey): void {
    if (!this.#hasEnded) this.#options.caller.events.notice({ kind: 'lost', peer })
  }

  #take(step: Step): Promise<void> {
    this.#epoch ??= step.epoch
    if (step.epoch !== this.#epoch) throw outOfOrder(`epoch ${step.epoch} during ${this.#epoch}`)
    if (step.rows > 0 && step.position + step.rows <= this.#next) return Promise.resolve()
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
      waitMicros: queuedMicros + output.waitMicros,
      linkMicros: (this.#outlet?.link?.roundTripMillis ?? 0) * 1000
    }
    const done = { ...step, timings: [...step.timings, timing] }
    const isQuiet = step.position + step.rows <= this.request.quietUntil
    if (this.#outlet !== undefined) await this.#forward(done, output, this.#outlet, isQuiet)
    else if (!isQuiet) await this.#answer(done, output)
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
  async #forward(
    done: Step,
    output: StageOutput,
    outlet: StepOutlet,
    isQuiet: boolean
  ): Promise<void> {
    if (output.boundary === undefined) throw new SkeinError('engine-decode-failed', 'no boundary')
    const boundary = toWire(output.boundary, this.request.dtype)
    const hopBytes = [...done.hopBytes, boundary.data.byteLength]
    await outlet.send({ ...done, input: { kind: 'boundary', ...boundary }, hopBytes }, isQuiet)
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
