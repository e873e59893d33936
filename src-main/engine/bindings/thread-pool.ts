import { SkeinError } from '#contract/errors.ts'
import { addressOf, bindAddress, type NativeLibrary, type Pointer } from './ffi.ts'

/** `struct ggml_threadpool_params`: where its fields lie, in bytes, and how large it is. */
const layout = { threads: 512, poll: 520, size: 528 } as const
/** `poll` by default: the threads spin for a while before they sleep. */
const defaultPoll = 50
/** `GGML_BACKEND_DEVICE_TYPE_CPU`. */
const cpuType = 0

/**
 * Threads that stay. Without a pool llama.cpp starts its threads anew for each call, and after a pause of a few milliseconds,
 * such as a stage has while the others compute, the system takes about as long to spread them over the cores as the call
 * lasts: 12 ms become 24 on two cores. With `poll` 0 the threads sleep between calls and cost nothing.
 */
export function bindThreadPool(ggml: NativeLibrary, ggmlBase: NativeLibrary, llama: NativeLibrary) {
  const cpuDevice = ggml.pointer('void *ggml_backend_dev_by_type(int)')
  const registryOf = ggmlBase.pointer('void *ggml_backend_dev_backend_reg(void *)')
  const procedure = ggmlBase.pointer('void *ggml_backend_reg_get_proc_address(void *, str)')
  const setDefaults = ggmlBase.nothing('void ggml_threadpool_params_init(void *, int)')
  const attach = llama.nothing('void llama_attach_threadpool(void *, void *, void *)')

  /** The processor's backend is one of several libraries; it tells its functions by name. */
  function cpuProcedure(name: string): Pointer {
    const device = cpuDevice(cpuType)
    const registry = device === null ? null : registryOf(device)
    const found = registry === null ? null : procedure(registry, name)
    if (found === null) throw new SkeinError('engine-build-unknown', `no ${name}`)
    return found
  }

  return {
    /** Lets the context compute on `threads` threads of its own. Returns what ends them, once the context is freed. */
    attach(context: Pointer, threads: number): () => void {
      const params = new Uint8Array(layout.size)
      const fields = new DataView(params.buffer)
      setDefaults(addressOf(params), threads)
      const found = [fields.getInt32(layout.threads, true), fields.getUint32(layout.poll, true)]
      if (found[0] !== threads || found[1] !== defaultPoll) {
        throw new SkeinError('engine-build-unknown', `ggml_threadpool_params ${found.join(', ')}`)
      }
      fields.setUint32(layout.poll, 0, true)
      const create = bindAddress(cpuProcedure('ggml_threadpool_new'), 'void *SkeinPoolNew(void *)')
      const free = bindAddress(cpuProcedure('ggml_threadpool_free'), 'void SkeinPoolFree(void *)')
      const pool = create(addressOf(params))
      if (typeof pool !== 'bigint') throw new SkeinError('engine-out-of-memory', 'threads')
      attach(context, pool, null)
      return () => void free(pool)
    }
  }
}
