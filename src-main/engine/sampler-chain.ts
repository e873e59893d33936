import { SkeinError } from '#contract/errors.ts'
import type { Sampling } from '#contract/chat.ts'
import { addressOf, type Pointer } from './bindings/ffi.ts'
import { loadLlama } from './bindings/llama.ts'

export interface ChainParams extends Omit<Sampling, 'seed'> {
  readonly seed: number
  /** Tokens in the vocabulary; the penalties want it. */
  readonly vocabularySize: number
}

/** What a chain leaves of the candidates, in its order. */
export interface ChainResult {
  readonly tokens: Int32Array
  readonly probabilities: Float32Array
  /** The token it picked. */
  readonly selected: number
}

/** Bytes of `llama_token_data`: id, logit, probability. */
const entryBytes = 12
/** Of `llama_token_data_array`: address, size, index of the selected entry, whether the entries are sorted. */
const array = { data: 0, size: 8, selected: 16, sorted: 24, bytes: 32 } as const

/**
 * llama.cpp's own sampler chain in the order of its defaults (penalties, top-k, top-p, min-p, temperature,
 * distribution): the reference that Skein's sampler is measured against. Runs in this process; needs no model.
 */
export function llamaCppChain(params: ChainParams) {
  const { sampler } = loadLlama()
  const made = (pointer: Pointer | null): Pointer => {
    if (pointer === null) throw new SkeinError('engine-out-of-memory', 'a sampler')
    return pointer
  }
  const chain = made(sampler.chain())
  const parts = [
    sampler.penalties(
      params.vocabularySize,
      params.penaltyLastTokens,
      params.repeatPenalty,
      params.frequencyPenalty,
      params.presencePenalty
    ),
    sampler.topK(params.topK),
    sampler.topP(params.topP, 1),
    sampler.minP(params.minP, 1),
    sampler.temperature(params.temperature),
    sampler.distribution(params.seed)
  ]
  for (const part of parts) sampler.add(chain, made(part))

  return {
    /** Tells the penalties of a token that is part of the sequence. */
    accept(token: number): void {
      sampler.accept(chain, token)
    },

    /** Runs the chain over candidates with their logits, best first or not. */
    apply(candidates: { tokens: Int32Array; logits: Float32Array; sorted: boolean }): ChainResult {
      const count = candidates.tokens.length
      const entries = Buffer.alloc(count * entryBytes)
      candidates.tokens.forEach((token, index) => {
        entries.writeInt32LE(token, index * entryBytes)
        entries.writeFloatLE(candidates.logits[index] ?? 0, index * entryBytes + 4)
      })
      const header = Buffer.alloc(array.bytes)
      header.writeBigUInt64LE(addressOf(entries), array.data)
      header.writeBigUInt64LE(BigInt(count), array.size)
      header.writeBigInt64LE(-1n, array.selected)
      header.writeUInt8(candidates.sorted ? 1 : 0, array.sorted)
      sampler.apply(chain, header)

      // Samplers narrow the array by moving its start or its size, inside the memory that it came in.
      const start = Number(header.readBigUInt64LE(array.data) - addressOf(entries))
      const left = Number(header.readBigUInt64LE(array.size))
      const at = (index: number): number => start + index * entryBytes
      const indices = Array.from({ length: left }, (_, index) => index)
      const selected = Number(header.readBigInt64LE(array.selected))
      return {
        tokens: Int32Array.from(indices, (index) => entries.readInt32LE(at(index))),
        probabilities: Float32Array.from(indices, (index) => entries.readFloatLE(at(index) + 8)),
        selected: entries.readInt32LE(at(selected))
      }
    },

    free(): void {
      sampler.free(chain)
    }
  }
}
