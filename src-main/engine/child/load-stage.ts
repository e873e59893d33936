import { existsSync } from 'node:fs'
import { SkeinError } from '#contract/errors.ts'
import { stageLimits } from '#contract/stage.ts'
import { contextDefaults } from '../bindings/context-params.ts'
import { defineCallback, NativeCallback, type Pointer } from '../bindings/ffi.ts'
import { loadLlama, type Llama } from '../bindings/llama.ts'
import type { LogLine } from '../bindings/llama-log.ts'
import { cpuOnly, loadModes, modelDefaults } from '../bindings/model-params.ts'
import type { StageConfig, StageInfo } from '../stage-types.ts'
import type { TensorAddress } from '../bindings/tensor.ts'
import { BoundaryTap } from './boundary-tap.ts'
import { loadAdapter } from './load-adapter.ts'
import { loadFailure } from './load-failure.ts'
import { memoryReport } from './memory-report.ts'

/** llama.cpp's own limit of sequences. */
const maxSlots = 256
/** Of all slots together. llama.cpp keeps an account of each cell, and would take minutes and gigabytes to refuse more. */
const maxContextTokens = 2 ** 24

/**
 * llama.cpp makes room for a row of logits for each output row, used or not. All rows of a stage before the tail are
 * output rows, and the first stage has the whole vocabulary: without a bound, 512 rows of Gemma's would take 512 MiB.
 */
const wastedLogitBytes = 32 * 1024 * 1024

/** What llama.cpp made of a stage's configuration. */
export interface LoadedStage {
  readonly llama: Llama
  readonly context: Pointer
  readonly cache: Pointer
  /** Absent at the tail. */
  readonly tap: BoundaryTap | undefined
  /** Frees the model and all that belongs to it. */
  readonly free: () => void
  readonly info: StageInfo
  /** Rows of one call: those of the largest step, and one for each other slot. */
  readonly batchRows: number
  /** Output rows of one call at the tail. */
  readonly batchOutputs: number
}

const evalCallback = defineCallback(
  'bool SkeinEvalCallback(uintptr_t tensor, bool ask, uintptr_t user)'
)

/**
 * Loads a carved file, with the adapter on it where there is one, and makes its context. Throws `engine-load-failed`,
 * `engine-out-of-memory`, `invalid-input`, `engine-library-missing`, `engine-build-unknown`.
 */
export function loadStage(config: StageConfig): LoadedStage {
  checkConfig(config)
  const llama = loadLlama()
  const gpu = llama.chooseGpu(config.device)
  const model = loadModel(llama, config, gpu !== undefined)
  const isFirst = config.range.first === 0
  const isTail = config.range.end === config.layers
  const tap = isTail
    ? undefined
    : new BoundaryTap(llama.tensor, `l_out-${config.range.end - config.range.first - 1}`)
  // Plain integers for pointers: koffi passes them fastest, and this is called for each tensor of each call.
  const callback =
    tap &&
    new NativeCallback(evalCallback, (tensor: TensorAddress, ask: boolean) =>
      tap.answer(tensor, ask)
    )
  const freeModel = (): void => {
    llama.model.free(model)
    callback?.free()
  }
  try {
    const { adapterFile } = config
    const adapter = adapterFile === undefined ? undefined : loadAdapter(llama, model, adapterFile)
    const evalPointer = callback?.pointer ?? null
    const made = makeContext(llama, model, evalPointer, config, { isFirst, isTail })
    adapter?.use(made.context)
    const endThreads = keepThreads(llama, made.context, config)
    const info: StageInfo = {
      memory: memoryReport(llama.model.size(model) + (adapter?.bytes ?? 0), made.lines),
      device: gpu?.name ?? 'cpu',
      width: llama.model.width(model),
      vocabularySize: made.vocabularySize,
      maxRows: made.maxRows,
      isFirst,
      isTail
    }
    const free = (): void => {
      llama.context.free(made.context)
      endThreads()
      freeModel()
    }
    return { llama, tap, info, free, ...made }
  } catch (error) {
    freeModel()
    throw error
  }
}

function keepThreads(llama: Llama, context: Pointer, { threads }: StageConfig): () => void {
  return threads > 1 ? llama.threadPool.attach(context, threads) : () => undefined
}

function checkConfig({ range, layers, slots, contextTokens, batchTokens }: StageConfig): void {
  const counts = { slots, contextTokens, batchTokens }
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 1) {
      throw new SkeinError('invalid-input', `${name} ${count}`)
    }
  }
  if (contextTokens > maxContextTokens) {
    throw new SkeinError('invalid-input', `a context of ${contextTokens} tokens`)
  }
  if (slots > maxSlots) throw new SkeinError('invalid-input', `${slots} slots of ${maxSlots}`)
  if (range.first < 0 || range.first >= range.end || range.end > layers) {
    throw new SkeinError('invalid-input', `layers ${range.first} to ${range.end} of ${layers}`)
  }
}

function loadModel(llama: Llama, config: StageConfig, onGpu: boolean): Pointer {
  if (!existsSync(config.file)) {
    throw new SkeinError('engine-load-failed', `${config.file} does not exist`)
  }
  const { result: model, lines } = llama.log.capture(() =>
    llama.model.load(config.file, {
      ...modelDefaults,
      // Weights are rearranged for the processor as they are read. From a mapped file, both copies would stay in memory.
      load_mode: loadModes.read,
      devices: onGpu ? null : cpuOnly(),
      n_gpu_layers: onGpu ? (config.gpuLayers ?? modelDefaults.n_gpu_layers) : 0
    })
  )
  if (model === null) throw loadFailure(lines)
  const layers = config.range.end - config.range.first
  const found = llama.model.layers(model)
  if (found !== layers) {
    llama.model.free(model)
    throw new SkeinError('engine-load-failed', `${found} layers in the file, ${layers} expected`)
  }
  return model
}

interface MadeContext {
  readonly context: Pointer
  readonly cache: Pointer
  readonly lines: readonly LogLine[]
  readonly vocabularySize: number
  readonly maxRows: number
  readonly batchRows: number
  readonly batchOutputs: number
}

function makeContext(
  llama: Llama,
  model: Pointer,
  evalPointer: Pointer | null,
  config: StageConfig,
  { isFirst, isTail }: { isFirst: boolean; isTail: boolean }
): MadeContext {
  const vocabulary = llama.model.vocabulary(model)
  const vocabularySize = vocabulary === null ? 1 : llama.vocab.size(vocabulary)
  const { slots, contextTokens } = config
  const rowLogits = vocabularySize * Float32Array.BYTES_PER_ELEMENT
  const affordable = isFirst && !isTail ? Math.floor(wastedLogitBytes / rowLogits) : Infinity
  const maxRows = evenRows(Math.min(config.batchTokens, contextTokens, affordable))
  // Room for a full step beside a single row of every other slot, so that neither ever waits for the other.
  const batchRows = maxRows + slots - 1
  const batchOutputs = isTail ? Math.min(batchRows, stageLimits.maxOutputRows + slots) : batchRows

  const { result: context, lines } = llama.log.capture(() =>
    llama.context.create(model, {
      ...contextDefaults,
      n_ctx: contextTokens,
      n_batch: batchRows,
      n_ubatch: batchRows,
      n_seq_max: slots,
      n_outputs_max: Math.max(batchOutputs, slots),
      n_threads: config.threads,
      n_threads_batch: config.threads,
      // One cache for all slots: sessions of any length share it, and a call of any slots and rows stays one. With a
      // cache for each slot, llama.cpp cuts a call where the rows differ or the slots are not neighbours. The price on a
      // CPU: a call of eight single rows takes 6 % longer with 30 tokens in each slot, 19 % with 200.
      kv_unified: true,
      cb_eval: evalPointer
    })
  )
  if (context === null) throw loadFailure(lines)
  const cache = llama.context.memory(context)
  if (cache === null) {
    llama.context.free(context)
    throw new SkeinError('engine-load-failed', 'a model without a cache')
  }
  return { context, cache, lines, vocabularySize, maxRows, batchRows, batchOutputs }
}

/** Kernels work on blocks of rows: a bound that is no multiple of them would leave a slow rest in each full step. */
function evenRows(rows: number): number {
  const block = 32
  return rows < block ? Math.max(1, rows) : rows - (rows % block)
}
