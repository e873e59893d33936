import { SkeinError } from '#contract/errors.ts'
import type { Candidates } from '#contract/stage.ts'
import { Batch } from '../bindings/batch.ts'
import { readFloats } from '../bindings/ffi.ts'
import { SlotTable } from '../slot-table.ts'
import type { StageConfig, StageInfo, StageSpeed, StageStep } from '../stage-types.ts'
import { checkStep, isFinite } from './check-step.ts'
import { loadStage, type LoadedStage } from './load-stage.ts'
import { SpeedMeter } from './speed-meter.ts'
import { topCandidates } from './top-candidates.ts'

/** What one step of a call gave. */
export interface StepOutput {
  /** A copy; from every stage but the tail. */
  readonly boundary?: Float32Array
  readonly candidates?: readonly Candidates[]
}

/**
 * A layer range at work in this process: blocks its thread while it computes. The engine process wraps it in a queue;
 * tests use it as it is.
 */
export class Stage {
  readonly #loaded: LoadedStage
  readonly #batch: Batch
  readonly #slots: SlotTable
  /** Tokens in the cache per slot. */
  readonly #held: Int32Array
  readonly #speed: SpeedMeter
  /** Rows of the last call, before the rows of each step. */
  #boundary: Float32Array
  #isClosed = false

  /** Throws `SkeinError` (see `loadStage`). */
  static load(config: StageConfig): Stage {
    return new Stage(config, loadStage(config))
  }

  constructor(config: StageConfig, loaded: LoadedStage) {
    const { info, batchRows } = loaded
    this.#loaded = loaded
    this.#batch = new Batch(batchRows, info.isFirst ? 0 : info.width, config.slots)
    this.#slots = new SlotTable(config.slots, config.contextTokens)
    this.#held = new Int32Array(config.slots)
    this.#speed = new SpeedMeter(config.range.end - config.range.first)
    this.#boundary = new Float32Array(info.isTail ? 0 : batchRows * info.width)
  }

  get info(): StageInfo {
    return this.#loaded.info
  }

  /** Rows, and output rows at the tail, that one call takes. */
  get capacity(): { readonly rows: number; readonly outputRows: number } {
    return { rows: this.#loaded.batchRows, outputRows: this.#loaded.batchOutputs }
  }

  speed(): StageSpeed {
    return this.#speed.get()
  }

  /** Throws `stage-full`, `context-full`, `invalid-input`. */
  openSlot(tokens: number, slot?: number): number {
    const opened = this.#slots.open(tokens, slot)
    this.#held[opened] = 0
    return opened
  }

  closeSlot(slot: number): void {
    if (!this.#slots.isOpen(slot)) return
    this.#forget(slot, 0)
    this.#slots.close(slot)
  }

  /** Tokens that the slot holds. */
  held(slot: number): number {
    this.#slots.reserved(slot)
    return this.#held[slot] ?? 0
  }

  /** Forgets everything from `position` on. Throws `invalid-input` for a position that the slot has not reached. */
  rollback(slot: number, position: number): void {
    if (!Number.isInteger(position) || position < 0 || position > this.held(slot)) {
      throw new SkeinError('invalid-input', `rollback of slot ${slot} to ${position}`)
    }
    this.#forget(slot, position)
  }

  /** Throws what `checkStep` does for a step that must not run now. */
  check(step: StageStep): void {
    const reserved = this.#slots.reserved(step.slot)
    checkStep(step, { info: this.info, held: this.held(step.slot), reserved })
  }

  /**
   * One call of llama.cpp over steps of different slots, each checked before; outputs in the order of the steps. A step
   * is never cut, so its rows are computed in a call of at least as many. Throws `engine-decode-failed`; all slots are
   * then as they were.
   */
  run(steps: readonly StageStep[]): StepOutput[] {
    const start = performance.now()
    this.#fill(steps)
    try {
      this.#compute(steps)
      const outputs = this.info.isTail ? this.#scores(steps) : this.#boundaries(steps)
      for (const { slot, rows } of steps) this.#held[slot] = this.held(slot) + rows
      this.#speed.record(this.#batch.rows, (performance.now() - start) * 1000)
      return outputs
    } catch (error) {
      for (const { slot, position } of steps) this.#forget(slot, position)
      throw error
    }
  }

  /** All logits of row `row` of the last call, a copy: for tests that compare whole rows. */
  logits(row: number): Float32Array {
    return this.#logits(row).slice()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#loaded.free()
  }

  #fill(steps: readonly StageStep[]): void {
    this.#batch.clear()
    for (const { slot, position, input, rows, outputRows } of steps) {
      const values = input.kind === 'tokens' ? input.tokens : input.data
      this.#batch.add(slot, position, values, rows, this.info.isTail ? outputRows : rows)
    }
  }

  #compute(steps: readonly StageStep[]): void {
    const { tap } = this.#loaded
    if (tap === undefined) return this.#decode()
    const values = this.#batch.rows * this.info.width
    const target = this.#boundary.subarray(0, values)
    tap.watch(this.#batch.rows, target)
    this.#decode()
    if (tap.finish()) return
    // The graph changed and the boundary went by unseen: the same call again, with every name read.
    for (const { slot, position } of steps) this.#forget(slot, position)
    tap.watch(this.#batch.rows, target)
    this.#decode()
    if (!tap.finish()) throw new SkeinError('engine-decode-failed', 'no boundary in the graph')
  }

  #decode(): void {
    const { llama, context } = this.#loaded
    const status = llama.context.decode(context, this.#batch.values())
    if (status !== 0) {
      const detail = `llama_decode gave ${status}: ${llama.log.lastErrors()}`
      throw new SkeinError('engine-decode-failed', detail)
    }
    llama.context.synchronize(context)
  }

  #boundaries(steps: readonly StageStep[]): StepOutput[] {
    const { width } = this.info
    let start = 0
    return steps.map(({ rows }) => {
      const boundary = this.#boundary.slice(start * width, (start + rows) * width)
      start += rows
      if (!isFinite(boundary)) {
        throw new SkeinError('engine-decode-failed', 'the boundary is not finite')
      }
      return { boundary }
    })
  }

  #scores(steps: readonly StageStep[]): StepOutput[] {
    let start = 0
    return steps.map(({ rows, outputRows, topK }) => {
      start += rows
      const first = start - outputRows
      const row = (_: unknown, index: number): Candidates =>
        topCandidates(this.#logits(first + index), topK)
      return { candidates: Array.from({ length: outputRows }, row) }
    })
  }

  #logits(row: number): Float32Array {
    const { llama, context, info } = this.#loaded
    const pointer = llama.context.logits(context, row)
    if (pointer === null) throw new SkeinError('internal', `no logits for row ${row}`)
    return readFloats(pointer, info.vocabularySize)
  }

  #forget(slot: number, position: number): void {
    const { llama, cache } = this.#loaded
    if (!llama.context.forget(cache, slot, position, -1)) {
      throw new SkeinError('engine-decode-failed', 'this model cannot forget a part of a sequence')
    }
    this.#held[slot] = position
  }
}
