import { mkdir, readFile, rm, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { downloadFile as pull } from 'ipull'
import { z } from 'zod'
import { SkeinError } from '#contract/errors.ts'
import type { ImportProgress } from '#contract/weights.ts'
import { bytesOnDisk, type Reservation } from '../disk-budget.ts'
import { storeFault } from '../store-fault.ts'
import { writeWhole } from '../write-whole.ts'
import type { ModelAddress } from './model-address.ts'
import { codeOf, probeFile, type RemoteFile } from './probe-file.ts'

/** Requests at once, where the server gives ranges. */
const streams = 4
/** Bytes that one request asks for before the next; also what a crash costs at most per stream. */
const chunkBytes = 4 * 1024 * 1024
/** Tries after a broken connection or a server error, with growing pauses. */
const retries = 6
/** Space left to the person whose disk it is. */
const reservedBytes = 256 * 1024 * 1024

export interface DownloadOptions {
  /** Of the person's Hugging Face account; for models whose owner asks for one. */
  readonly token?: string
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ImportProgress) => void
  /** Sets disk space aside. Throws where there is none to be had. */
  readonly reserve?: (bytes: number) => Promise<Reservation>
  /** First pause before another try, in milliseconds. */
  readonly retryMs?: number
}

const versionSchema = z.object({ bytes: z.number(), etag: z.string().optional() })

/**
 * Downloads a file into a folder, or goes on with one that was cut off, as long as it is still the same on the server. Throws what
 * `probeFile` throws, `download-changed`, or `disk-full`.
 */
export async function downloadFile(
  address: ModelAddress,
  folder: string,
  options: DownloadOptions = {}
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const target = path.join(folder, address.fileName)
  const remote = await probeFile(address.url, options)
  await forgetOtherVersion(target, remote)
  if (await isWhole(target, remote)) return target
  await requireRoom(folder, remote)
  await writeWhole(versionFile(target), JSON.stringify(versionOf(remote)))
  const room = await options.reserve?.(remote.bytes - (await bytesOnDisk(target)))
  try {
    await transfer(remote, target, options, room)
  } finally {
    room?.release()
  }
  // Pieces of two versions would make a file of neither.
  const after = await probeFile(address.url, options)
  if (!isSameVersion(versionOf(after), remote) || !(await isWhole(target, remote))) {
    await forgetDownload(target)
    throw new SkeinError('download-changed', address.url.href)
  }
  return target
}

async function transfer(
  remote: RemoteFile,
  target: string,
  options: DownloadOptions,
  room: Reservation | undefined
): Promise<void> {
  const { signal, onProgress, retryMs = 500 } = options
  let spent: number | undefined
  refuseStopped(signal)
  try {
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
    const stopped = Promise.withResolvers<never>()
    const stop = (): void => {
      // A server that does not answer would make it wait: it has no way to break off a request without an answer.
      download.close().catch(() => undefined)
      stopped.reject(new SkeinError('cancelled'))
    }
    signal?.addEventListener('abort', stop, { once: true })
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
    await Promise.race([download.download(), stopped.promise]).finally(() =>
      signal?.removeEventListener('abort', stop)
    )
  } catch (thrown) {
    throw faultOf(thrown)
  }
  refuseStopped(signal)
}

function refuseStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new SkeinError('cancelled')
}

function faultOf(thrown: unknown): SkeinError {
  const fault = storeFault(thrown)
  if (fault.code === 'disk-full') return fault
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined
  const code = typeof status === 'number' ? codeOf(status) : 'download-failed'
  return SkeinError.from(thrown, code)
}

/** What was downloaded of another version is of no use. */
async function forgetOtherVersion(target: string, remote: RemoteFile): Promise<void> {
  const known = await readVersion(target)
  if (known === undefined || !isSameVersion(known, remote)) await forgetDownload(target)
}

async function readVersion(target: string): Promise<z.infer<typeof versionSchema> | undefined> {
  try {
    return versionSchema.parse(JSON.parse(await readFile(versionFile(target), 'utf8')))
  } catch {
    return undefined
  }
}

function isSameVersion(known: z.infer<typeof versionSchema>, { bytes, etag }: RemoteFile): boolean {
  return known.bytes === bytes && known.etag === etag
}

function versionOf({ bytes, etag }: RemoteFile): z.infer<typeof versionSchema> {
  return { bytes, etag }
}

async function isWhole(target: string, { bytes }: RemoteFile): Promise<boolean> {
  return stat(target).then(
    ({ size }) => size === bytes,
    () => false
  )
}

async function requireRoom(folder: string, { bytes }: RemoteFile): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < bytes + reservedBytes) {
    throw new SkeinError('disk-full', `${bytes} bytes are needed`)
  }
}

/** Deletes a download, whole or not, and what is needed to go on with it. */
export async function forgetDownload(target: string): Promise<void> {
  for (const file of [target, `${target}.ipull`, versionFile(target)]) {
    await rm(file, { force: true })
  }
}

/** Which version of the file the downloaded bytes are of. */
function versionFile(target: string): string {
  return `${target}.version`
}
