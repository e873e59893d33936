import { addressOf, type NativeLibrary } from './ffi.ts'

/** Tensors as the eval callback hands them over: by address, as a plain number, which koffi passes fastest. */
export type TensorAddress = number | bigint

/** `ggml_*` of tensors. */
export function bindTensor(ggmlBase: NativeLibrary) {
  const name = ggmlBase.text('str ggml_get_name(uintptr_t)')
  const bytes = ggmlBase.number('size_t ggml_nbytes(uintptr_t)')
  const read = ggmlBase.nothing('void ggml_backend_tensor_get(uintptr_t, void *, size_t, size_t)')
  return {
    name: (tensor: TensorAddress): string => name(tensor) ?? '',
    bytes: (tensor: TensorAddress): number => bytes(tensor),
    /** Copies the whole tensor, from the GPU where it lies there. */
    read(tensor: TensorAddress, target: Float32Array): void {
      read(tensor, addressOf(target), 0, target.byteLength)
    }
  }
}
export type TensorFunctions = ReturnType<typeof bindTensor>
