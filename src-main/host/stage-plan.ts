import type { LayerRange, ModelInfo } from '#contract/model.ts'
import type { DeviceChoice } from '#engine/stage-types.ts'

/** A range that this peer shall host, and what it may use for that. */
export interface StagePlan {
  readonly model: ModelInfo
  readonly range: LayerRange
  /** The whole model's GGUF file. */
  readonly modelFile: string
  /** KV cells in all, shared by the slots. */
  readonly contextTokens: number
  /** Sessions at once. */
  readonly slots: number
  /** Rows per call of llama.cpp at most. */
  readonly batchTokens: number
  readonly threads: number
  readonly threadsBatch?: number
  readonly gpuLayers?: number
  readonly device: DeviceChoice
}
