import { SkeinError } from '#contract/errors.ts'
import type { EngineExit, EngineHandle } from './engine-handle.ts'
import type { StageProcess } from './engine-supervisor.ts'
import { SlotTable } from './slot-table.ts'
import type { StageConfig, StageInfo, StageOutput, StageSpeed, StageStep } from './stage-types.ts'

/** A stage in an engine process, seen from outside. Slots are accounted here too, so that opening one needs no wait. */
export class EngineStage implements StageProcess {
  readonly info: StageInfo
  readonly #handle: EngineHandle
  readonly #slots: SlotTable
  #speed: StageSpeed = {}

  constructor(handle: EngineHandle, info: StageInfo, config: StageConfig) {
    this.#handle = handle
    this.info = info
    this.#slots = new SlotTable(config.slots, config.contextTokens)
  }

  get pid(): number {
    return this.#handle.pid
  }

  openSlot(tokens: number): number {
    const slot = this.#slots.open(tokens)
    this.#handle.post({ type: 'open', slot, tokens })
    return slot
  }

  free(): { readonly slots: number; readonly tokens: number } {
    return this.#slots.free()
  }

  async step(step: StageStep, signal?: AbortSignal): Promise<StageOutput> {
    this.#slots.reserved(step.slot)
    const start = performance.now()
    const reply = await this.#handle.request((id) => ({ type: 'step', id, step }), signal)
    if (reply.type !== 'output') throw new SkeinError('internal', `a step gave ${reply.type}`)
    this.#speed = reply.speed
    const elapsedMicros = (performance.now() - start) * 1000
    const waitMicros = Math.max(0, elapsedMicros - reply.output.computeMicros)
    return { ...reply.output, waitMicros }
  }

  rollback(slot: number, position: number): void {
    this.#slots.reserved(slot)
    this.#handle.post({ type: 'rollback', slot, position })
  }

  closeSlot(slot: number): void {
    if (!this.#slots.isOpen(slot)) return
    this.#slots.close(slot)
    this.#handle.post({ type: 'close', slot })
  }

  speed(): StageSpeed {
    return this.#speed
  }

  setShare(share: number): void {
    this.#handle.post({ type: 'share', share })
  }

  stop(): Promise<void> {
    return this.#handle.stop()
  }

  onExit(listener: (exit: EngineExit) => void): void {
    this.#handle.onExit(listener)
  }
}
