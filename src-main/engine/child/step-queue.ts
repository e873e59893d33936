import { SkeinError } from '#contract/errors.ts'
import type { StageStep } from '../stage-types.ts'
import { pickBatch } from './pick-batch.ts'
import type { Stage, StepOutput } from './stage.ts'

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
  readonly #later: (work: () => void) => void
  #waiting: (QueuedStep | QueuedRollback)[] = []
  #isScheduled = false

  /** `later` runs its work after the messages that have arrived by then (`setImmediate`). */
  constructor(stage: QueuedStage, later: (work: () => void) => void) {
    this.#stage = stage
    this.#later = later
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

  #schedule(): void {
    if (this.#isScheduled || this.isIdle) return
    this.#isScheduled = true
    this.#later(() => {
      this.#isScheduled = false
      this.#runBatch()
      this.#schedule()
    })
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
    const start = performance.now()
    try {
      const outputs = this.#stage.run(entries.map(({ step }) => step))
      const micros = (performance.now() - start) * 1000
      for (const [index, { listener }] of entries.entries()) {
        const output = outputs[index]
        if (output !== undefined) listener.done(output, micros)
      }
    } catch (error) {
      for (const { listener } of entries) {
        listener.failed(SkeinError.from(error, 'engine-decode-failed'))
      }
    }
  }
}
