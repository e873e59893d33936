import { cpus, freemem, totalmem, type CpuInfo } from 'node:os'
import type { SignalSource } from './signal-source.ts'
import { Unavailable } from './signal-source.ts'

/** Milliseconds, summed over all cores. */
export interface CpuTimes {
  readonly all: number
  readonly idle: number
  /** Of Skein's processes. */
  readonly own: number
}

/** Share of all cores, 0 to 1, that programs other than Skein used between two moments. */
export function shareOfOthers(before: CpuTimes, after: CpuTimes): number {
  const all = after.all - before.all
  const busy = all - (after.idle - before.idle)
  // A process of ours that ended takes its time out of the sum.
  const own = Math.max(0, after.own - before.own)
  return all > 0 ? Math.max(0, busy - own) / all : Number.NaN
}

/** `ownMillis`: what Skein's own processes have computed. */
export function cpuLoadSource(ownMillis: () => Promise<number>): SignalSource<'cpuByOthers'> {
  let before: CpuTimes | undefined
  return {
    source: 'operating system',
    everyMs: 2000,
    async read() {
      const after = { ...coreTimes(cpus()), own: await ownMillis() }
      const last = before
      before = after
      if (last === undefined) throw new Unavailable('starting')
      return shareOfOthers(last, after)
    }
  }
}

function coreTimes(cores: readonly CpuInfo[]): Pick<CpuTimes, 'all' | 'idle'> {
  let all = 0
  let idle = 0
  for (const { times } of cores) {
    all += times.user + times.nice + times.sys + times.irq + times.idle
    idle += times.idle
  }
  return { all, idle }
}

export function memorySource(): SignalSource<'memory'> {
  return {
    source: 'operating system',
    everyMs: 2000,
    // On Linux Node gives what is available: free, or only kept until somebody wants it.
    read: () => Promise.resolve({ bytes: totalmem(), availableBytes: freemem() })
  }
}
