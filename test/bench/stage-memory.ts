import { readFile, stat } from 'node:fs/promises'
import type { BenchChain } from './chain.ts'

/**
 * The most that a stage's process of the chain keeps resident beyond its carved file and its KV cache, in bytes. Linux only:
 * it reads `/proc`.
 */
export async function stageOverheadBytes(chain: BenchChain, cacheBytes: number): Promise<number> {
  const overheads = await Promise.all(
    chain.pids.map(async (pid, index) => {
      const file = chain.files[index]
      if (file === undefined) throw new Error('a peer without a file')
      return (await largestEngineBytes(pid)) - (await stat(file)).size - cacheBytes
    })
  )
  return Math.max(...overheads)
}

/** Resident bytes of the largest engine process below a peer: the stage's, not the vocabulary's. */
async function largestEngineBytes(peerPid: number): Promise<number> {
  const children = await readFile(`/proc/${peerPid}/task/${peerPid}/children`, 'utf8')
  const pids = children.split(' ').filter((pid) => pid.trim() !== '')
  const sizes = await Promise.all(pids.map(residentBytes))
  return Math.max(...sizes)
}

async function residentBytes(pid: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024
}
