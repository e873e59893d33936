/** One Ctrl-C arrives several times: from the terminal, and from each program between. After this long it is another one. */
const sameRequestMs = 1000

/**
 * Calls `close` once when this process is to end: by Ctrl-C, by the system, or because whoever started it is gone. Then
 * ends it; a second request ends it at once.
 */
export function closeAtEndOfProcess(close: () => Promise<void>): void {
  let askedAt: number | undefined
  const end = (): void => {
    if (askedAt !== undefined) {
      if (performance.now() - askedAt > sameRequestMs) process.exit(1)
      return
    }
    askedAt = performance.now()
    void close().finally(() => process.exit())
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  if (process.connected) process.on('disconnect', end)
}
