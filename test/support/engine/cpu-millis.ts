import { readFileSync } from 'node:fs'

/** The system's unit of processor time (`sysconf(_SC_CLK_TCK)`, which Linux gives to all programs as 100 a second). */
const tickMillis = 10

/** Processor time that a process has used so far, in milliseconds (`proc(5)`: fields `utime` and `stime`). Linux only. */
export function cpuMillis(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = [fields[11], fields[12]].map(Number)
  return ((user ?? 0) + (system ?? 0)) * tickMillis
}
