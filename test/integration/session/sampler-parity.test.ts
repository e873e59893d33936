import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generateRequestSchema, type GenerateInput, type Sampling } from '#contract/chat.ts'
import type { Candidates } from '#contract/stage.ts'
import { llamaCppChain } from '#engine/sampler-chain.ts'
import { Sampler } from '#session/sampler.ts'

const vocabularySize = 64

function samplingOf(sampling: GenerateInput['sampling']): Sampling {
  return generateRequestSchema.parse({ prompt: { kind: 'text', text: '' }, sampling }).sampling
}

/** Candidates as a tail sends them when it sends the whole vocabulary. */
function candidatesOf(logits: readonly number[]): Candidates {
  const order = logits
    .map((logit, token) => ({ logit: Math.fround(logit), token }))
    .sort((a, b) => b.logit - a.logit || a.token - b.token)
  const most = order[0]?.logit ?? 0
  return {
    tokens: Int32Array.from(order, ({ token }) => token),
    logits: Float32Array.from(order, ({ logit }) => logit),
    logSumExp: most + Math.log(order.reduce((sum, { logit }) => sum + Math.exp(logit - most), 0))
  }
}

const samplings = fc.record({
  temperature: fc.constantFrom(0, 0.2, 0.8, 1, 1.7),
  topK: fc.constantFrom(0, 1, 5, 40, 64),
  topP: fc.constantFrom(0.1, 0.5, 0.9, 0.95, 1),
  minP: fc.constantFrom(0, 0.05, 0.3),
  repeatPenalty: fc.constantFrom(1, 1.1, 1.5),
  presencePenalty: fc.constantFrom(0, 0.7),
  frequencyPenalty: fc.constantFrom(0, 0.3),
  penaltyLastTokens: fc.constantFrom(0, 8, 64)
})

/** Logits far enough apart that one bit of rounding does not change their order. */
const rows = fc.shuffledSubarray(
  Array.from({ length: vocabularySize }, (_, index) => (index * index) / 160 - 9),
  { minLength: vocabularySize }
)

describe('the sampler', () => {
  it('picks the tokens that llama.cpp’s chain picks, for any settings and seed', () => {
    let picked = 0
    let same = 0
    fc.assert(
      fc.property(
        samplings,
        fc.nat(2 ** 31),
        fc.array(rows, { minLength: 1, maxLength: 12 }),
        (settings, seed, steps) => {
          const sampling = samplingOf(settings)
          const chain = llamaCppChain({ ...sampling, seed, vocabularySize })
          const sampler = new Sampler(sampling, seed)
          try {
            for (const logits of steps) {
              const candidates = candidatesOf(logits)
              const expected = chain.apply({ ...candidates, sorted: true }).selected
              const token = sampler.pick(candidates)
              picked++
              if (token === expected) same++
              chain.accept(expected)
              sampler.accept(expected)
            }
          } finally {
            chain.free()
          }
        }
      ),
      { numRuns: 400, seed: 7 }
    )
    expect(picked).toBeGreaterThan(1000)
    // A draw that falls within one rounding of the border between two tokens may go either way.
    expect(same / picked).toBeGreaterThan(0.999)
  })

  it('counts the probability of candidates that did not travel', () => {
    const logits = Array.from({ length: 1000 }, (_, token) => 3 - token / 500)
    const all = candidatesOf(logits)
    const few: Candidates = {
      ...all,
      tokens: all.tokens.slice(0, 256),
      logits: all.logits.slice(0, 256)
    }
    const sampling = samplingOf({ topK: 0, topP: 0.1, minP: 0, temperature: 1 })
    const pick = (candidates: Candidates, seed: number): number =>
      new Sampler(sampling, seed).pick(candidates)
    for (let seed = 0; seed < 200; seed++) expect(pick(few, seed)).toBe(pick(all, seed))
  })
})
