import { addressOf, defineStruct, type NativeLibrary, type Pointer } from './ffi.ts'

const chainParams = defineStruct('llama_sampler_chain_params', { no_perf: 'bool' })

/** `llama_sampler_*`: only what the sampler chain of `sampler-chain.ts` is made of. */
export function bindSampler(llama: NativeLibrary) {
  const chain = llama.pointer(`void *llama_sampler_chain_init(${chainParams.name})`)
  const add = llama.nothing('void llama_sampler_chain_add(void *, void *)')
  const accept = llama.nothing('void llama_sampler_accept(void *, int32_t)')
  const apply = llama.nothing('void llama_sampler_apply(void *, void *)')
  const free = llama.nothing('void llama_sampler_free(void *)')
  const topK = llama.pointer('void *llama_sampler_init_top_k(int32_t)')
  const topP = llama.pointer('void *llama_sampler_init_top_p(float, size_t)')
  const minP = llama.pointer('void *llama_sampler_init_min_p(float, size_t)')
  const temperature = llama.pointer('void *llama_sampler_init_temp(float)')
  const distribution = llama.pointer('void *llama_sampler_init_dist(uint32_t)')
  const penalties = llama.pointer(
    'void *llama_sampler_init_penalties(int32_t, int32_t, float, float, float)'
  )
  return {
    chain: (): Pointer | null => chain({ no_perf: true }),
    /** The chain owns what is added to it. */
    add: (owner: Pointer, sampler: Pointer): void => add(owner, sampler),
    accept: (sampler: Pointer, token: number): void => accept(sampler, token),
    /** `candidates`: a `llama_token_data_array`, changed in place. */
    apply: (sampler: Pointer, candidates: Uint8Array): void =>
      apply(sampler, addressOf(candidates)),
    free: (sampler: Pointer): void => free(sampler),
    topK: (k: number): Pointer | null => topK(k),
    topP: (p: number, keep: number): Pointer | null => topP(p, keep),
    minP: (p: number, keep: number): Pointer | null => minP(p, keep),
    temperature: (t: number): Pointer | null => temperature(t),
    distribution: (seed: number): Pointer | null => distribution(seed),
    penalties: (
      vocabularySize: number,
      lastTokens: number,
      repeat: number,
      frequency: number,
      presence: number
    ): Pointer | null => penalties(vocabularySize, lastTokens, repeat, frequency, presence)
  }
}
