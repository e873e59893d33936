import { addressOf, type NativeLibrary, type Pointer } from './ffi.ts'

/** `enum ggml_backend_dev_type`. */
const deviceTypes = ['cpu', 'gpu', 'integrated-gpu', 'accelerator'] as const
type DeviceType = (typeof deviceTypes)[number]

export interface Device {
  readonly type: DeviceType
  /** As the driver gives it. */
  readonly name: string
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Compute devices of the backends loaded so far. */
export function bindDevices(ggml: NativeLibrary, ggmlBase: NativeLibrary) {
  const load = ggml.pointer('void *ggml_backend_load(str)')
  const loadAll = ggml.nothing('void ggml_backend_load_all_from_path(str)')
  const count = ggml.number('size_t ggml_backend_dev_count()')
  const get = ggml.pointer('void *ggml_backend_dev_get(size_t)')
  const type = ggmlBase.number('int ggml_backend_dev_type(void *)')
  const description = ggmlBase.text('str ggml_backend_dev_description(void *)')
  const memory = ggmlBase.nothing('void ggml_backend_dev_memory(void *, void *, void *)')

  function describe(device: Pointer): Device {
    const free = new BigUint64Array(1)
    const total = new BigUint64Array(1)
    memory(device, addressOf(free), addressOf(total))
    return {
      type: deviceTypes[type(device)] ?? 'accelerator',
      name: (description(device) ?? '').trim(),
      freeBytes: Number(free[0]),
      totalBytes: Number(total[0])
    }
  }
  return {
    /** False where the driver or its libraries are missing. */
    loadBackend: (file: string): boolean => load(file) !== null,
    /** The CPU backend that suits this processor best, and whatever else lies in the folder. */
    loadFolder: (folder: string): void => loadAll(folder),
    list: (): readonly Device[] =>
      Array.from({ length: count() }, (_, index) => get(index)).flatMap((device) =>
        device === null ? [] : [describe(device)]
      )
  }
}
