import { batchStruct, type BatchValues } from './batch-struct.ts'
import { contextParamsStruct, type ContextParams } from './context-params.ts'
import type { NativeLibrary, Pointer } from './ffi.ts'

/** `llama_context` and its KV cache. */
export function bindContext(llama: NativeLibrary) {
  const create = llama.pointer(`void *llama_init_from_model(void *, ${contextParamsStruct.name})`)
  const free = llama.nothing('void llama_free(void *)')
  const decode = llama.number(`int32_t llama_decode(void *, ${batchStruct.name})`)
  const synchronize = llama.nothing('void llama_synchronize(void *)')
  const logits = llama.pointer('void *llama_get_logits_ith(void *, int32_t)')
  const memory = llama.pointer('void *llama_get_memory(void *)')
  const remove = llama.boolean('bool llama_memory_seq_rm(void *, int32_t, int32_t, int32_t)')
  return {
    /** `null` when there is not enough memory, or the parameters do not fit the model; the log says why. */
    create: (model: Pointer, params: ContextParams): Pointer | null => create(model, params),
    free: (context: Pointer): void => free(context),
    /** 0: done. 1: no KV cells. 2: aborted. Negative: failed. */
    decode: (context: Pointer, batch: BatchValues): number => decode(context, batch),
    synchronize: (context: Pointer): void => synchronize(context),
    /** The logits of the batch's row `row`, valid until the next decode; `null` where none were asked for. */
    logits: (context: Pointer, row: number): Pointer | null => logits(context, row),
    memory: (context: Pointer): Pointer | null => memory(context),
    /** Forget a sequence's cells in `[from, to)`; -1 is open. False where the cache cannot forget a part. */
    forget: (cache: Pointer, sequence: number, from: number, to: number): boolean =>
      remove(cache, sequence, from, to)
  }
}
