import type { Logger } from '#contract/log.ts'
import { SkeinError } from '#contract/errors.ts'
import { silentLogger } from '#log/silent-logger.ts'
import {
  EngineHandle,
  launchDefaults,
  type EngineExit,
  type EngineLaunch
} from './engine-handle.ts'
import { forkEngine } from './fork-engine.ts'
import { EngineStage } from './stage-process.ts'
import type { StageConfig, StageInfo, StageOutput, StageSpeed, StageStep } from './stage-types.ts'

export type { EngineExit } from './engine-handle.ts'

export interface StageOptions extends StageConfig, Partial<Omit<EngineLaunch, 'entry'>> {
  /** The entry of the engine process. */
  readonly entry: URL
  readonly log?: Logger
}

/** A stage at work in a process of its own. Everything that waits on it fails with `engine-crashed` when it dies. */
export interface StageProcess {
  readonly info: StageInfo
  readonly pid: number
  /**
   * Takes a place for a sequence of at most `tokens`. Throws `stage-full`: no slot or not enough KV cells are free.
   */
  openSlot(tokens: number): number
  /** KV cells and slots that are not reserved. */
  free(): { readonly slots: number; readonly tokens: number }
  /**
   * Steps of one slot compute in the order of the calls. Throws `context-full`, `boundary-invalid`, `invalid-input`,
   * `engine-decode-failed`, `engine-crashed`, or `cancelled` when `signal` aborts before the step began.
   */
  step(step: StageStep, signal?: AbortSignal): Promise<StageOutput>
  /** Forget everything from `position` on; takes its place in the order of the slot's steps. */
  rollback(slot: number, position: number): void
  /** Frees the slot and drops its queued steps. */
  closeSlot(slot: number): void
  speed(): StageSpeed
  /** Share of the time, 0 to 1, that may be spent computing from now on; 1 until it is set. */
  setShare(share: number): void
  /** Finishes the call at work, then ends the process; resolves when it is gone. */
  stop(): Promise<void>
  /** At once where the process is gone already. */
  onExit(listener: (exit: EngineExit) => void): void
}

/**
 * Starts an engine process and loads a stage in it. Throws `engine-load-failed`, `engine-out-of-memory`,
 * `engine-library-missing`, `engine-build-unknown`, `engine-unresponsive`, `engine-crashed`, `invalid-input`.
 */
export async function startStage(options: StageOptions): Promise<StageProcess> {
  const { entry, fork = forkEngine, log = silentLogger, ...rest } = options
  const { startTimeoutMs, drainMs, signal, ...config } = { ...launchDefaults, ...rest }
  const { handle, ready } = await EngineHandle.start(
    { type: 'start-stage', config },
    { entry, fork, log, startTimeoutMs, drainMs, signal }
  )
  if (ready.type !== 'stage-ready') throw new SkeinError('internal', `a stage said ${ready.type}`)
  return new EngineStage(handle, ready.info, config)
}
