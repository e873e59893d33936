import { addressOf, defineStruct, nullPointer, type Pointer } from './ffi.ts'

/** `struct llama_model_params` of llama.cpp v0.4.0, and the values that its own defaults have. */
export const modelParamsStruct = defineStruct('llama_model_params', {
  devices: 'void *',
  tensor_buft_overrides: 'void *',
  n_gpu_layers: 'int32_t',
  split_mode: 'int32_t',
  load_mode: 'int32_t',
  lazy_mode: 'int32_t',
  main_gpu: 'int32_t',
  tensor_split: 'void *',
  progress_callback: 'void *',
  progress_callback_user_data: 'void *',
  kv_overrides: 'void *',
  vocab_only: 'bool',
  check_tensors: 'bool',
  use_extra_bufts: 'bool',
  no_host: 'bool',
  no_alloc: 'bool',
  load_mtp: 'bool'
})

const noPointer = nullPointer()

export const modelDefaults = {
  devices: noPointer,
  tensor_buft_overrides: noPointer,
  /** Negative: all. */
  n_gpu_layers: -1,
  split_mode: 1,
  load_mode: -1,
  lazy_mode: 1,
  main_gpu: 0,
  tensor_split: noPointer,
  progress_callback: noPointer,
  progress_callback_user_data: noPointer,
  kv_overrides: noPointer,
  vocab_only: false,
  check_tensors: false,
  use_extra_bufts: true,
  no_host: false,
  no_alloc: false,
  load_mtp: false
}

const emptyList = new BigUint64Array(1)

/** For `devices`: none but the CPU, whatever GPUs there are. An empty list, which llama.cpp reads by its address. */
export function cpuOnly(): Pointer {
  return addressOf(emptyList)
}

/** `enum llama_load_mode`. */
export const loadModes = { read: 0 } as const

export type ModelParams = typeof modelDefaults
