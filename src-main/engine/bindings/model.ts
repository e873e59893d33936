import { type NativeLibrary, type Pointer } from './ffi.ts'
import { modelParamsStruct, type ModelParams } from './model-params.ts'

/** `llama_model_*`. */
export function bindModel(llama: NativeLibrary) {
  const load = llama.pointer(`void *llama_model_load_from_file(str, ${modelParamsStruct.name})`)
  const free = llama.nothing('void llama_model_free(void *)')
  const width = llama.number('int32_t llama_model_n_embd(void *)')
  const layers = llama.number('int32_t llama_model_n_layer(void *)')
  const size = llama.number('uint64_t llama_model_size(void *)')
  const vocabulary = llama.pointer('void *llama_model_get_vocab(void *)')
  const chatTemplate = llama.text('str llama_model_chat_template(void *, str)')
  return {
    /** `null` when it cannot be loaded; the log says why. */
    load: (file: string, params: ModelParams): Pointer | null => load(file, params),
    free: (model: Pointer): void => free(model),
    width: (model: Pointer): number => width(model),
    layers: (model: Pointer): number => layers(model),
    /** Bytes of all tensors. */
    size: (model: Pointer): number => size(model),
    vocabulary: (model: Pointer): Pointer | null => vocabulary(model),
    chatTemplate: (model: Pointer): string | null => chatTemplate(model, null)
  }
}
