import path from 'node:path'
import koffi from 'koffi'
import { z } from 'zod'
import { addressOf, NativeLibrary } from '#engine/bindings/ffi.ts'
import { installedPackages, locateLlama } from '#engine/bindings/library-packages.ts'

/** `GGML_TYPE_COUNT` of the version that is pinned: ggml does not tell it, and reads beyond its table when asked for more. */
export const ggmlTypeCount = 43

/** What the installed ggml says of one of its types. */
export interface GgmlType {
  readonly id: number
  readonly name: string
  /** 0 for a type that was removed. */
  readonly blockValues: number
  readonly blockBytes: number
  /** Whether its values can be read as float32, as every multiplication needs. */
  readonly isReadable: boolean
}

const traitsType = koffi.struct('ggml_type_traits', {
  type_name: 'const char *',
  blck_size: 'int64_t',
  blck_size_interleave: 'int64_t',
  type_size: 'size_t',
  is_quantized: 'bool',
  to_float: 'void *',
  from_float_ref: 'void *'
})
const traitsSchema = z.object({
  type_name: z.string(),
  blck_size: z.int(),
  type_size: z.int(),
  to_float: z.bigint().nullable()
})

function openGgml(): NativeLibrary {
  const { folder, core } = locateLlama(installedPackages())
  return new NativeLibrary(path.join(folder, core.base))
}

/** All types that the installed ggml counts, removed ones included. */
export function ggmlTypes(): readonly GgmlType[] {
  const ggml = openGgml()
  const traitsOf = ggml.pointer('void *ggml_get_type_traits(int)')
  return Array.from({ length: ggmlTypeCount }, (_, id) => {
    const traits = traitsSchema.parse(koffi.decode(traitsOf(id), traitsType))
    return {
      id,
      name: traits.type_name,
      blockValues: traits.blck_size,
      blockBytes: traits.type_size,
      isReadable: traits.to_float !== null
    }
  })
}

/** `values` in rows of `width`, as ggml quantises them; all columns are taken to be of the same importance. */
export function quantise(
  typeId: number,
  values: Float32Array,
  width: number,
  bytes: number
): Uint8Array {
  const chunk = openGgml().number(
    'size_t ggml_quantize_chunk(int, void *, void *, int64_t, int64_t, int64_t, void *)'
  )
  const target = new Uint8Array(bytes)
  const importance = new Float32Array(width).fill(1)
  const rows = values.length / width
  const [source, room] = [addressOf(values), addressOf(target)]
  const written = chunk(typeId, source, room, 0, rows, width, addressOf(importance))
  if (written !== bytes) throw new RangeError(`${written} bytes for ${bytes}`)
  return target
}
