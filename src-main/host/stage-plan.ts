import type { LayerRange, ModelInfo } from '#contract/model.ts'
import type { DeviceChoice } from '#engine/stage-types.ts'
import type { ByteSource } from '#model/byte-source.ts'

/** What a stage may use of this PC. */
export interface StageResources {
  /** KV cells in all, shared by the slots. */
  readonly contextTokens: number
  /** Sessions at once. */
  readonly slots: number
  /** Rows per call of llama.cpp at most. */
  readonly batchTokens: number
  /** CPU threads of a call. */
  readonly threads: number
  readonly gpuLayers?: number
  readonly device: DeviceChoice
}

/** A range whose file is there, and what it may use of this PC. */
export interface LoadPlan extends StageResources {
  readonly model: ModelInfo
  readonly range: LayerRange
}

/** A range that this peer shall host. */
export interface StagePlan extends LoadPlan {
  /** Opens the model's bytes, those of the range among them: from a file, or from peers, which may take long. The caller closes them. */
  readonly openModel: (signal: AbortSignal) => Promise<ByteSource>
  /** Opens the bytes of the adapter that `model.adapter` names; needed where there is one. */
  readonly openAdapter?: (signal: AbortSignal) => Promise<ByteSource>
}
