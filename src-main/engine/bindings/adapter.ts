import { addressOf, type NativeLibrary, type Pointer } from './ffi.ts'

/** `llama_adapter_lora_*`: one low-rank adapter on a model, used by all that its context computes. */
export function bindAdapter(llama: NativeLibrary) {
  const load = llama.pointer('void *llama_adapter_lora_init(void *, str)')
  const use = llama.number('int32_t llama_set_adapters_lora(void *, void *, size_t, void *)')
  return {
    /**
     * The model owns it and frees it. `null` when it cannot be loaded; the log says why. Before the context is made, which counts
     * the operations that an adapter adds.
     */
    load: (model: Pointer, file: string): Pointer | null => load(model, file),
    /** False where the context refuses it. The adapter's own `alpha / rank` is the only scale. */
    use: (context: Pointer, adapter: Pointer): boolean => {
      const adapters = BigUint64Array.of(adapter)
      const scales = Float32Array.of(1)
      return use(context, addressOf(adapters), 1, addressOf(scales)) === 0
    }
  }
}
