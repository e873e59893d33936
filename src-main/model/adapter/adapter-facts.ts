import { SkeinError } from '#contract/errors.ts'
import type { Gguf } from '../gguf.ts'
import { architectureOf } from '../model-facts.ts'
import { isAdapter } from './is-adapter.ts'

export interface AdapterFacts {
  readonly architecture: string
  readonly alpha: number
}

/**
 * What an adapter's metadata says. Throws `adapter-invalid` for values that make no sense, `adapter-unsupported` for adapters that
 * are no plain LoRA, `gguf-metadata-missing` or `gguf-malformed` for the architecture.
 */
export function readAdapterFacts(gguf: Gguf): AdapterFacts {
  if (!isAdapter(gguf)) throw new SkeinError('adapter-invalid', 'general.type is not adapter')
  const type = gguf.metadata.get('adapter.type')
  if (type?.type !== 'string' || type.value !== 'lora')
    throw new SkeinError('adapter-unsupported', 'adapters other than LoRA')
  // Such an adapter works from certain tokens on only, which llama.cpp leaves to its caller.
  if (gguf.metadata.has('adapter.alora.invocation_tokens')) {
    throw new SkeinError('adapter-unsupported', 'an adapter that waits for certain tokens')
  }
  return { architecture: architectureOf(gguf), alpha: alphaOf(gguf) }
}

/** As llama.cpp has it: 0 where it is absent. */
function alphaOf(gguf: Gguf): number {
  const entry = gguf.metadata.get('adapter.lora.alpha')
  if (entry === undefined) return 0
  if (entry.type !== 'f32' || typeof entry.value !== 'number' || !Number.isFinite(entry.value)) {
    throw new SkeinError('adapter-invalid', 'adapter.lora.alpha')
  }
  return entry.value
}
