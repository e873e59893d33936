import { mkdir, readFile, rm, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { SkeinError } from '#contract/errors.ts'
import type { ImportProgress } from '#contract/weights.ts'
import { bytesOnDisk, type Reservation } from '../disk-budget.ts'
import { storeFault } from '../store-fault.ts'
import { writeWhole } from '../write-whole.ts'
import { watchOrigins } from './asked-origins.ts'
import { isSafe, type ModelAddress } from './model-address.ts'
import { codeOf, probeFile, type RemoteFile } from './probe-file.ts'
import { pullFile } from './pull-file.ts'

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
  const stopped = new AbortController()
  const { signal } = stopped
  const stop = (): void => stopped.abort(new SkeinError('cancelled'))
  if (options.signal?.aborted === true) stop()
  options.signal?.addEventListener('abort', stop, { once: true })
  const requireSafeOrigin = (origin: URL): void => {
    if (!isSafe(origin)) stopped.abort(new SkeinError('address-not-allowed', origin.origin))
  }
  try {
    await watchOrigins(requireSafeOrigin, () =>
      pullFile(remote, target, { ...options, signal }, room)
    )
    signal.throwIfAborted()
  } catch (thrown) {
    const fault = faultOf(signal.aborted ? signal.reason : thrown)
    // Something of it may have come from where anybody could change it.
    if (fault.code === 'address-not-allowed') await forgetDownload(target)
    throw fault
  } finally {
    options.signal?.removeEventListener('abort', stop)
  }
}

function faultOf(thrown: unknown): SkeinError {
  const fault = storeFault(thrown)
  if (thrown instanceof SkeinError || fault.code === 'disk-full') return fault
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
