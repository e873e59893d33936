import { availableParallelism } from 'node:os'
import { BenchChain } from './chain.ts'
import type { Figure } from './goal.ts'
import { median } from './median.ts'
import type { Rivals } from './rivals/build-rivals.ts'
import { benchWhole } from './rivals/llama-bench.ts'

const sessions = 8
const answerTokens = 48

/** One and eight take turns, so that a busy moment of the machine falls on both. */
const rounds = 3

/**
 * What continuous batching brings: eight answers at once against one alone, on the same chain of two stages. Beside it what
 * llama.cpp's kernels gain on this processor, with the whole model and nothing between its layers.
 */
export async function sessionsTogether(
  rivals: Rivals,
  model: string,
  cache: string,
  log: (line: string) => void
): Promise<readonly Figure[]> {
  const threads = availableParallelism()
  const shape = { promptTokens: sessions, answerTokens, threads, repetitions: 1 }
  const contextTokens = sessions * 128
  const chain = await BenchChain.start(model, cache, {
    peers: 2,
    slots: sessions,
    contextTokens,
    threads
  })
  const alone: number[] = []
  const together: number[] = []
  const kernels: number[] = []
  try {
    await perSecond(chain, 1)
    for (let round = 1; round <= rounds; round++) {
      log(`Round ${round} of ${rounds}: one answer alone, ${sessions} at once, llama-bench`)
      alone.push(await perSecond(chain, 1))
      together.push(await perSecond(chain, sessions))
      const { prefill, decode } = await benchWhole(rivals, model, shape)
      kernels.push(prefill / decode)
    }
  } finally {
    await chain.close()
  }
  return [
    { name: 'decode, one session', value: median(alone), unit: 'tok/s' },
    { name: `decode, ${sessions} sessions in total`, value: median(together), unit: 'tok/s' },
    {
      name: `${sessions} rows at once against 1, llama-bench, whole model`,
      value: median(kernels),
      unit: 'times'
    },
    {
      name: `${sessions} sessions at once against 1`,
      value: median(together) / median(alone),
      unit: 'times',
      goal: { atLeast: 2.5 }
    }
  ]
}

/** Tokens per second of `count` answers together, while all of them are being written. */
async function perSecond(chain: BenchChain, count: number): Promise<number> {
  const times = await Promise.all(Array.from({ length: count }, () => tokenTimes(chain)))
  const from = Math.max(...times.map((moments) => moments[0] ?? Infinity))
  const to = Math.min(...times.map((moments) => moments.at(-1) ?? -Infinity))
  if (to <= from) throw new Error('the answers were never written at the same time')
  const tokens = times.flat().filter((moment) => moment > from && moment <= to).length
  return (tokens * 1000) / (to - from)
}

async function tokenTimes(chain: BenchChain): Promise<number[]> {
  const moments: number[] = []
  for await (const event of chain.ask(8, answerTokens)) {
    if (event.kind === 'text') moments.push(...event.tokens.map(() => performance.now()))
  }
  return moments
}
