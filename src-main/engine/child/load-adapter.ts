import { existsSync, statSync } from 'node:fs'
import { SkeinError } from '#contract/errors.ts'
import type { Pointer } from '../bindings/ffi.ts'
import type { Llama } from '../bindings/llama.ts'
import { loadFailure } from './load-failure.ts'

/** An adapter on its model, before the model has a context. */
export interface LoadedAdapter {
  /** Its weights and a header of some hundred bytes: llama.cpp tells the size of an adapter in its log only. */
  readonly bytes: number
  /** Once, before anything is computed. Throws `engine-load-failed`. */
  readonly use: (context: Pointer) => void
}

/** Loads a carved adapter. It goes with the model. Throws `engine-load-failed` or `engine-out-of-memory`. */
export function loadAdapter(llama: Llama, model: Pointer, file: string): LoadedAdapter {
  if (!existsSync(file)) throw new SkeinError('engine-load-failed', `${file} does not exist`)
  const { result: adapter, lines } = llama.log.capture(() => llama.adapter.load(model, file))
  if (adapter === null) throw loadFailure(lines)
  return {
    bytes: statSync(file).size,
    use: (context) => {
      if (!llama.adapter.use(context, adapter)) {
        throw new SkeinError('engine-load-failed', 'the adapter was refused')
      }
    }
  }
}
