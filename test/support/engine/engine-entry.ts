/** The engine process's entry, as `node.ts` would pass it down. */
export const engineEntry = new URL('../../../src-main/engine-process.ts', import.meta.url)

/** Whether a process still runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
