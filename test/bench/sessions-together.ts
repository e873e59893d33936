import { availableParallelism } from 'node:os'
import { BenchChain } from './chain.ts'
import type { Figure } from './goal.ts'

const sessions = 8
const answerTokens = 48

/** What continuous batching brings: eight answers at once against one alone, on the same chain of two stages. */
export async function sessionsTogether(
  model: string,
  cache: string,
  log: (line: string) => void
): Promise<readonly Figure[]> {
  const threads = availableParallelism()
  const chain = await BenchChain.start(model, cache, {
    peers: 2,
    slots: sessions,
    contextTokens: sessions * 128,
    threads
  })
  try {
    log(`One answer alone, then ${sessions} at once`)
    await perSecond(chain, 1)
    const alone = await perSecond(chain, 1)
    const together = await perSecond(chain, sessions)
    return [
      { name: 'decode, one session', value: alone, unit: 'tok/s' },
      { name: `decode, ${sessions} sessions in total`, value: together, unit: 'tok/s' },
      {
        name: `${sessions} sessions at once against 1`,
        value: together / alone,
        unit: 'times',
        goal: { atLeast: 2.5 }
      }
    ]
  } finally {
    await chain.close()
  }
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
