import { availableParallelism } from 'node:os'
import { benchmarkSpec } from '#test/support/models/benchmark-model.ts'
import { BenchChain } from './chain.ts'
import type { Figure } from './goal.ts'
import { median } from './median.ts'
import type { Rivals } from './rivals/build-rivals.ts'
import { benchRpc, benchWhole, type Throughput } from './rivals/llama-bench.ts'
import { stageOverheadBytes } from './stage-memory.ts'

const promptTokens = 512
const shortPromptTokens = 8
const answerTokens = 64
const contextTokens = 1024
const peers = 2
/** Rivals and Skein take turns, so that a busy moment of the machine falls on all of them. */
const rounds = 3

const labels = {
  skein: 'Skein, 2 stages in 2 processes over Hyperswarm',
  whole: 'llama-bench, whole model',
  rpc: 'llama.cpp RPC, 2 servers'
} as const
type Contender = keyof typeof labels

/** One answer at a time: a chain of two stages against llama.cpp with the whole model, and split over its RPC backend. */
export async function chainSpeed(
  rivals: Rivals,
  model: string,
  cache: string,
  log: (line: string) => void
): Promise<readonly Figure[]> {
  const threads = availableParallelism()
  const shape = { promptTokens, answerTokens, threads, repetitions: 1 }
  const taken: Record<Contender, Throughput[]> = { skein: [], whole: [], rpc: [] }
  const chainShape = { peers, slots: 2, contextTokens, threads }
  const chain = await BenchChain.start(model, cache, chainShape)
  try {
    for (let round = 1; round <= rounds; round++) {
      log(`Round ${round} of ${rounds}: llama-bench, RPC with two servers, Skein with two stages`)
      taken.whole.push(await benchWhole(rivals, model, shape))
      taken.rpc.push(await benchRpc(rivals, model, shape))
      taken.skein.push(await measure(chain))
    }
    const overhead = await stageOverheadBytes(chain, cacheBytes())
    return [...speeds(taken), ...ratios(taken), memory(overhead)]
  } finally {
    await chain.close()
  }
}

/** As llama-bench measures: a prompt for itself, and an answer that begins with an all but empty cache. */
async function measure(chain: BenchChain): Promise<Throughput> {
  const prefill = await chain.report(promptTokens, 1)
  const decode = await chain.report(shortPromptTokens, answerTokens)
  return { prefill: prefill.prefillTokensPerSecond, decode: decode.decodeTokensPerSecond }
}

/** Keys and values in float16, of one stage's layers. */
function cacheBytes(): number {
  const { layers, kvHeads, headLength } = benchmarkSpec
  return 2 * 2 * kvHeads * headLength * (layers / peers) * contextTokens
}

type Taken = Readonly<Record<Contender, readonly Throughput[]>>

function speedOf(taken: Taken, who: Contender, what: keyof Throughput): number {
  return median(taken[who].map((throughput) => throughput[what]))
}

function speeds(taken: Taken): Figure[] {
  const contenders = ['skein', 'whole', 'rpc'] as const
  return (['decode', 'prefill'] as const).flatMap((what) =>
    contenders.map((who) => ({
      name: `${what}, ${labels[who]}`,
      value: speedOf(taken, who, what),
      unit: 'tok/s'
    }))
  )
}

function ratios(taken: Taken): Figure[] {
  const goals = [
    { what: 'decode', rival: 'rpc', atLeast: 1.6 },
    { what: 'decode', rival: 'whole', atLeast: 0.85 },
    { what: 'prefill', rival: 'rpc', atLeast: 1.4 },
    { what: 'prefill', rival: 'whole', atLeast: 0.85 }
  ] as const
  return goals.map(({ what, rival, atLeast }) => ({
    name: `${what}, Skein against ${labels[rival]}`,
    value: speedOf(taken, 'skein', what) / speedOf(taken, rival, what),
    unit: 'times',
    goal: { atLeast }
  }))
}

function memory(overheadBytes: number): Figure {
  return {
    name: 'memory of a stage’s process beyond its file and KV cache',
    value: overheadBytes / 1e6,
    unit: 'MB',
    goal: { atMost: 200 }
  }
}
