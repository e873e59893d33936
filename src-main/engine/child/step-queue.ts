import { SkeinError } from '#contract/errors.ts'
import type { StageStep } from '../stage-types.ts'
import { pickBatch } from './pick-batch.ts'
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

/** Longest wait for steps that are likely to come together. */
const gatherMillis = 2
/** The same, as a share of the last call: more would cost more than it gains. */
const gatherShare = 0.1

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
  #waiting: (QueuedStep | QueuedRollback)[] = []
  /** The work that comes next, and whether it waits for others to join. */
  #turn: { readonly isGathering: boolean } | undefined
  /** Of the last call. */
  #lastSteps = 0
  #lastMillis = 0

  constructor(stage: QueuedStage, timing: QueueTiming) {
    this.#stage = stage
    this.#timing = timing
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0
  }

  step(id: number, step: StageStep, listener: StepListener): void {
    const { slot, rows, outputRows } = step
    this.#waiting.push({ kind: 'step', id, slot, rows, outputRows, step, listener })
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
    this.#stage.closeSlot(slot)
  }

  #drop(isDropped: (entry: QueuedStep | QueuedRollback) => boolean): void {
    const dropped = this.#waiting.filter(isDropped)
    this.#waiting = this.#waiting.filter((entry) => !isDropped(entry))
    for (const entry of dropped) {
      if (entry.kind === 'step') entry.listener.failed(new SkeinError('cancelled'))
    }
  }

  /**
   * Sessions that were computed together come back together, a moment apart. A call that began with the first of them
   * would leave the others behind for good, in calls of few rows that cost nearly as much; so while fewer wait than
   * the last call took, the next one waits for them a little.
   */
  #schedule(): void {
    if (this.isIdle) return
    const millis = Math.min(gatherMillis, gatherShare * this.#lastMillis)
    const isGathering = this.#waiting.length < this.#lastSteps && millis >= 1
    if (this.#turn !== undefined && (isGathering || !this.#turn.isGathering)) return
    const turn = { isGathering }
    this.#turn = turn
    const work = (): void => {
      if (this.#turn !== turn) return
      this.#turn = undefined
      this.#runBatch()
      this.#schedule()
    }
    if (isGathering) this.#timing.after(millis, work)
    else this.#timing.soon(work)
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
      this.#lastSteps = entries.length
      this.#lastMillis = millis
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
