import { defineStruct, type Pointer } from './ffi.ts'

/** `struct llama_batch`. */
export const batchStruct = defineStruct('llama_batch', {
  n_tokens: 'int32_t',
  token: 'void *',
  embd: 'void *',
  pos: 'void *',
  n_seq_id: 'void *',
  seq_id: 'void *',
  logits: 'void *'
})

/** Addresses of arrays with an entry per row; `token` or `embd` is given. A type, so that it counts as a native struct. */
export type BatchValues = {
  readonly n_tokens: number
  readonly token: Pointer | null
  readonly embd: Pointer | null
  readonly pos: Pointer
  readonly n_seq_id: Pointer
  readonly seq_id: Pointer
  readonly logits: Pointer
}
