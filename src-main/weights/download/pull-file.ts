import { setTimeout as sleep } from 'node:timers/promises'
import { downloadFile as pull } from 'ipull'
import { SkeinError } from '#contract/errors.ts'
import type { ImportProgress } from '#contract/weights.ts'
import type { Reservation } from '../disk-budget.ts'
import type { RemoteFile } from './probe-file.ts'

/** Requests at once, where the server gives ranges. */
const streams = 4
/** Bytes that one request asks for before the next; also what a crash costs at most per stream. */
const chunkBytes = 4 * 1024 * 1024
/** Tries after a broken connection or a server error, with growing pauses. */
const retries = 6

/** What closing may take. */
const longestCloseMs = 2000

export interface PullOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (progress: ImportProgress) => void
  /** First pause before another try, in milliseconds. */
  readonly retryMs?: number
}

/**
 * Lets ipull bring a file, or the rest of one. Rejects as soon as `signal` aborts, with its reason: ipull would wait for a server that
 * does not answer. Throws what ipull throws.
 */
export async function pullFile(
  remote: RemoteFile,
  target: string,
  options: PullOptions,
  room: Reservation | undefined
): Promise<void> {
  const { signal, onProgress, retryMs = 500 } = options
  const download = await pull({
    url: remote.url,
    savePath: target,
    cliProgress: false,
    parallelStreams: remote.givesRanges ? streams : 1,
    chunkSize: chunkBytes,
    retry: { retries, factor: 2, minTimeout: retryMs, maxTimeout: 20 * retryMs },
    defaultFetchDownloadInfo: {
      length: remote.bytes,
      acceptRange: remote.givesRanges
    }
  })
  let spent: number | undefined
  download.on('progress', ({ transferredBytes, totalBytes, speed }) => {
    // The first figure is what was there before.
    room?.spend(transferredBytes - (spent ?? transferredBytes))
    spent = transferredBytes
    onProgress?.({
      phase: 'downloading',
      doneBytes: transferredBytes,
      totalBytes,
      bytesPerSecond: speed
    })
  })
  const stopped = Promise.withResolvers<never>()
  const stop = (): void => {
    const reject = (): void => stopped.reject(SkeinError.from(signal.reason, 'cancelled'))
    // What came is written down, so that the next try goes on there; a server that does not answer is not waited for.
    const written = download.close().catch(() => undefined)
    void Promise.race([written, sleep(longestCloseMs)]).then(reject)
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    await Promise.race([download.download(), stopped.promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
