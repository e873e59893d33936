import type { LayerRange } from '#contract/model.ts'
import type { Candidates } from '#contract/stage.ts'

/** Where the layers compute. `auto`: the first of cuda, vulkan, metal that finds a device, else the CPU. */
export const deviceChoices = ['auto', 'cpu', 'cuda', 'vulkan', 'metal'] as const
export type DeviceChoice = (typeof deviceChoices)[number]

/** What it takes to load a stage; the same in one process and across the engine process's edge. */
export interface StageConfig {
  /** The carved file, or the whole model where `range` is `[0, layers)`. */
  readonly file: string
  readonly range: LayerRange
  /** Layers of the whole model: tells the tail from the others. */
  readonly layers: number
  /** KV cells in all, shared by the slots. */
  readonly contextTokens: number
  /** Sessions at once, at most. */
  readonly slots: number
  /** The most rows of one step; a stage may take fewer (`StageInfo.maxRows`). */
  readonly batchTokens: number
  /** CPU threads of a call. */
  readonly threads: number
  /** Layers held on the GPU; all when absent. Without effect on the CPU. */
  readonly gpuLayers?: number
  readonly device: DeviceChoice
  /** The part of an adapter that changes these layers, carved; none when absent. */
  readonly adapterFile?: string
  /** Stages with the same folder take turns at the cores; each has its own when absent. */
  readonly coresFolder?: string
}

/** Bytes, as llama.cpp reports them. */
export interface StageMemory {
  readonly weightBytes: number
  readonly cacheBytes: number
  readonly computeBytes: number
}

/** What a loaded stage is. */
export interface StageInfo {
  readonly memory: StageMemory
  /** `cpu`, or the GPU's name as the driver gives it. */
  readonly device: string
  /** Values per row of a boundary. */
  readonly width: number
  /** Tokens that the first stage takes and the tail scores; 1 in between. */
  readonly vocabularySize: number
  /** The most rows of one step. */
  readonly maxRows: number
  readonly isFirst: boolean
  readonly isTail: boolean
}

/** Measured, so absent until there is something to measure. */
export interface StageSpeed {
  /** EWMA over calls of one row. */
  readonly microsPerLayer?: number
  /** EWMA over calls of 16 rows or more. */
  readonly prefillTokensPerSecond?: number
}

export type StageInput =
  | { readonly kind: 'tokens'; readonly tokens: Int32Array }
  /** `rows x width` values. */
  | { readonly kind: 'boundary'; readonly data: Float32Array }

export interface StageStep {
  readonly slot: number
  /** Position of the first row; must equal the tokens that the slot holds. */
  readonly position: number
  readonly input: StageInput
  readonly rows: number
  /** How many of the last rows want candidates; only the tail looks at it. */
  readonly outputRows: number
  /** Candidates per output row. */
  readonly topK: number
}

export interface StageOutput {
  /** All rows of the step, `rows x width`; from every stage but the tail. */
  readonly boundary?: Float32Array
  /** One entry for each output row; from the tail. */
  readonly candidates?: readonly Candidates[]
  /** The call that took this step, with whatever it was batched with. */
  readonly computeMicros: number
  /** From the step's arrival to the start of that call. */
  readonly waitMicros: number
}
