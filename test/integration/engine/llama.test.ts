import { describe, expect, it } from 'vitest'
import { loadLlama } from '#engine/bindings/llama.ts'
import { llamaCppChain, type ChainParams } from '#engine/sampler-chain.ts'

describe('the installed llama.cpp', () => {
  it('is the build that the bindings describe, and finds a processor', () => {
    const llama = loadLlama()
    expect(llama.version).toMatch(/^0\.4\.0/)
    expect(llama.devices().map(({ type }) => type)).toContain('cpu')
  })
})

describe('llamaCppChain', () => {
  const off: ChainParams = {
    temperature: 1,
    topK: 0,
    topP: 1,
    minP: 0,
    seed: 1,
    repeatPenalty: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    penaltyLastTokens: 64,
    vocabularySize: 100
  }
  const logits = [1, 2, 3, 4, 5]
  const candidates = {
    tokens: Int32Array.of(10, 20, 30, 40, 50),
    logits: Float32Array.from(logits),
    sorted: false
  }

  it('leaves a softmax when everything is off', () => {
    const chain = llamaCppChain(off)
    const { tokens, probabilities } = chain.apply(candidates)
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
    for (const [index, token] of tokens.entries()) {
      expect(probabilities[index]).toBeCloseTo(Math.exp(token / 10) / sum, 5)
    }
    chain.free()
  })

  it('keeps the best k, and picks the best at temperature 0', () => {
    const chain = llamaCppChain({ ...off, topK: 2, temperature: 0 })
    const { tokens, selected } = chain.apply(candidates)
    expect(tokens).toEqual(Int32Array.of(50, 40))
    expect(selected).toBe(50)
    chain.free()
  })

  it('makes tokens that came before less likely', () => {
    const chain = llamaCppChain({ ...off, presencePenalty: 2, temperature: 0 })
    chain.accept(50)
    expect(chain.apply(candidates).selected).toBe(40)
    chain.free()
  })
})
