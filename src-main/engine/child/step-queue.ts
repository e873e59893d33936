import { SkeinError } from '#contract/errors.ts'
import type { StageStep } from '../stage-types.ts'
import { Company } from './company.ts'
import { pickBatch } from './pick-batch.ts'
import { ownCores, type SharedCores } from './shared-cores.ts'
import type { Stage, StepOutput } from './stage.ts'

/** When the queue runs what it has; injected, so that a test needs no clock. */
export interface QueueTiming {
  /** Milliseconds. */
  now(): number
  /** After the messages that have arrived by then. */
  soon(work: () => void): void
  after(millis: number, work: () => void): void
}

export const realTiming: QueueTiming = {
  now: () => performance.now(),
  soon: (work) => void setImmediate(work),
  after: (millis, work) => void setTimeout(work, millis)
}

/** What the queue waits for before its next call: the messages that are there, the cores, sessions that are on their way. */
type Phase = 'idle' | 'soon' | 'cores' | 'gathering' | 'complete'

/** The part of a stage that the queue works with. */
export type QueuedStage = Pick<Stage, 'capacity' | 'check' | 'run' | 'rollback' | 'closeSlot'>

/** Who waits for a step. */
export interface StepListener {
  done(output: StepOutput, computeMicros: number): void
  failed(error: SkeinError): void
}

interface QueuedStep {
  readonly kind: 'step'
  readonly id: number
  readonly slot: number
  readonly rows: number
  readonly outputRows: number
  readonly step: StageStep
  readonly listener: StepListener
}
interface QueuedRollback {
  readonly kind: 'rollback'
  readonly slot: number
  readonly position: number
}

/**
 * Continuous batching: steps wait here while llama.cpp computes, and the next call takes as many as fit, of different
 * slots. Between two calls the thread goes back to its messages, so that new steps and cancellations are seen.
 */
export class StepQueue {
  readonly #stage: QueuedStage
  readonly #timing: QueueTiming
  readonly #cores: SharedCores
  #waiting: (QueuedStep | QueuedRollback)[] = []
  readonly #company = new Company()
  #phase: Phase = 'idle'
  /** Of phases: tells an answer to this one from a late one to another. */
  #entries = 0

  constructor(stage: QueuedStage, timing: QueueTiming, cores: SharedCores = ownCores) {
    this.#stage = stage
    this.#timing = timing
    this.#cores = cores
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0
  }

  step(id: number, step: StageStep, listener: StepListener): void {
    const { slot, rows, outputRows } = step
    this.#waiting.push({ kind: 'step', id, slot, rows, outputRows, step, listener })
    this.#endGathering()
    this.#schedule()
  }

  /** Waits for the slot's steps that came before it. */
  rollback(slot: number, position: number): void {
    this.#waiting.push({ kind: 'rollback', slot, position })
    this.#schedule()
  }

  /** Drops a step that has not begun. */
  cancel(id: number): void {
    this.#drop((entry) => entry.kind === 'step' && entry.id === id)
  }

  closeSlot(slot: number): void {
    this.#drop((entry) => entry.slot === slot)
    this.#company.left(slot)
    this.#stage.closeSlot(slot)
  }

  /** Nothing is computed any more, and what waits hears of it. */
  close(): void {
    this.#drop(() => true)
    this.#entries++
    this.#phase = 'idle'
    this.#cores.release()
  }

  #drop(isDropped: (entry: QueuedStep | QueuedRollback) => boolean): void {
    const dropped = this.#waiting.filter(isDropped)
    this.#waiting = this.#waiting.filter((entry) => !isDropped(entry))
    for (const entry of dropped) {
      if (entry.kind === 'step') entry.listener.failed(new SkeinError('cancelled'))
    }
  }

  /** Soon, and not at once: messages that have arrived belong to the same call. */
  #schedule(): void {
    if (this.#phase !== 'idle' || this.isIdle) return
    this.#enter(
      'soon',
      (advance) => this.#timing.soon(advance),
      () => this.#takeCores()
    )
  }

  /** What arrives while others have the cores joins the call. */
  #takeCores(): void {
    this.#enter(
      'cores',
      (advance) => this.#cores.take(advance),
      () => this.#gather()
    )
  }

  #gather(): void {
    const millis = this.#company.patience(this.#present())
    if (millis === 0) return this.#call()
    const count = this.#waiting.length
    this.#enter(
      'gathering',
      (advance) => this.#timing.after(millis, advance),
      () => {
        this.#company.waited(this.#waiting.length > count)
        this.#call()
      }
    )
  }

  #endGathering(): void {
    if (this.#phase !== 'gathering' || !this.#company.isComplete(this.#present())) return
    this.#company.waited(true)
    this.#enter(
      'complete',
      (advance) => this.#timing.soon(advance),
      () => this.#call()
    )
  }

  #call(): void {
    try {
      this.#runBatch()
    } finally {
      this.#cores.release()
      this.#phase = 'idle'
    }
    this.#schedule()
  }

  /** Goes on with `next` when `wait` says so, unless another phase has begun by then. */
  #enter(phase: Phase, wait: (advance: () => void) => void, next: () => void): void {
    const entry = ++this.#entries
    this.#phase = phase
    wait(() => {
      if (this.#entries === entry) next()
    })
  }

  #present(): ReadonlySet<number> {
    return new Set(this.#waiting.map(({ slot }) => slot))
  }

  #runBatch(): void {
    this.#rollBackHeads()
    const steps = this.#waiting.filter((entry) => entry.kind === 'step')
    const picked = pickBatch(steps, this.#stage.capacity)
    const taken = new Set<QueuedStep | QueuedRollback>(picked)
    this.#waiting = this.#waiting.filter((entry) => !taken.has(entry))
    const sound = picked.filter((entry) => this.#isSound(entry))
    if (sound.length > 0) this.#compute(sound)
  }

  /** A slot's rollbacks are due once none of its steps is before them. */
  #rollBackHeads(): void {
    const behindStep = new Set<number>()
    this.#waiting = this.#waiting.filter((entry) => {
      if (entry.kind === 'step') {
        behindStep.add(entry.slot)
        return true
      }
      if (behindStep.has(entry.slot)) return true
      this.#rollBack(entry)
      return false
    })
  }

  #rollBack({ slot, position }: QueuedRollback): void {
    try {
      this.#stage.rollback(slot, position)
    } catch {
      // Nobody waits for a rollback. The slot's next step has another position than its cells and fails with that.
    }
  }

  #isSound({ step, listener }: QueuedStep): boolean {
    try {
      this.#stage.check(step)
      return true
    } catch (error) {
      listener.failed(SkeinError.from(error))
      return false
    }
  }

  #compute(entries: readonly QueuedStep[]): void {
    const start = this.#timing.now()
    try {
      const outputs = this.#stage.run(entries.map(({ step }) => step))
      const millis = this.#timing.now() - start
      this.#company.called(
        entries.map(({ slot }) => slot),
        millis
      )
      for (const [index, { listener }] of entries.entries()) {
        const output = outputs[index]
        if (output !== undefined) listener.done(output, millis * 1000)
      }
    } catch (error) {
      for (const { listener } of entries) {
        listener.failed(SkeinError.from(error, 'engine-decode-failed'))
      }
    }
  }
}
