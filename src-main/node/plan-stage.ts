import { availableParallelism } from 'node:os'
import type { LayerRange, ModelInfo } from '#contract/model.ts'
import type { Settings } from '#contract/settings.ts'
import type { StagePlan, StageResources } from '#host/stage-plan.ts'

/** Sessions at once on a stage of this PC. */
const slots = 8
/** Rows that one call of llama.cpp takes at most. */
const defaultBatchTokens = 512

/**
 * Threads of a small model cost more in waiting for each other than they save, above all while the person's own programs
 * want the cores too. Figures in parameters.
 */
const smallModel = 100_000_000

/** What this PC loads of a model, by the person's settings. */
export function planStage(
  info: ModelInfo,
  range: LayerRange,
  bytes: Pick<StagePlan, 'openModel' | 'openAdapter'>,
  settings: Settings,
  resources: Partial<StageResources> = {}
): StagePlan {
  return {
    model: info,
    range,
    ...bytes,
    slots,
    threads: settings.threads === 0 ? chooseThreads(info) : settings.threads,
    device: 'auto',
    ...resources,
    ...planResources(settings, resources)
  }
}

/** What decides how much memory a stage takes besides its layers. */
export function planResources(
  settings: Settings,
  {
    contextTokens = settings.contextTokens,
    batchTokens = defaultBatchTokens
  }: Partial<StageResources> = {}
): Pick<StageResources, 'contextTokens' | 'batchTokens'> {
  return { contextTokens, batchTokens }
}

/** CPU threads for a model's layers, where the person left it open. */
export function chooseThreads({ parameters }: Pick<ModelInfo, 'parameters'>): number {
  return parameters < smallModel ? 1 : availableParallelism()
}
