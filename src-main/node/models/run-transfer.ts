import path from 'node:path'
import type { TransferTask } from '#contract/transfers.ts'
import type { FetchProgress, ImportProgress, StoredFile } from '#contract/weights.ts'
import { downloadFile, forgetDownload } from '#weights/download/download-file.ts'
import { isAddress, parseAddress, type ModelAddress } from '#weights/download/model-address.ts'
import type { WeightsStore } from '#weights/weights-store.ts'

export interface TransferParts {
  readonly store: WeightsStore
  /** Where downloads are kept. */
  readonly downloads: string
  /** Of the person's account at Hugging Face. */
  readonly token: string | undefined
  readonly signal: AbortSignal
  readonly onProgress: (progress: ImportProgress | FetchProgress) => void
}

/** The same for the same task: a path, an address, or a key with the layers behind it. */
export function transferId(task: TransferTask): string {
  if (task.kind === 'add') return task.source
  const { model, range } = task
  return range === undefined ? model : `${model}:${range.first}..${range.end - 1}`
}

/**
 * Brings a model, or an adapter, here; goes on where an earlier try stopped. Throws what downloading, importing and fetching
 * throw.
 */
export async function runTransfer(task: TransferTask, parts: TransferParts): Promise<StoredFile> {
  const { store, downloads, token, signal, onProgress } = parts
  const options = { signal, onProgress }
  const { base } = task
  if (task.kind === 'fetch') {
    const { model, range = 'whole' } = task
    if (base === undefined) return store.fetch(model, range, options)
    return store.adapters.fetch(model, base, range, options)
  }
  const access = {
    reserve: (bytes: number) => store.reserveDisk(bytes),
    ...(token === undefined ? {} : { token })
  }
  const file = isAddress(task.source)
    ? await downloadFile(addressOf(task), downloads, { ...options, ...access })
    : task.source
  if (base === undefined) return store.importFile(file, options)
  return store.adapters.add(file, base, options)
}

/** Forgets what an unfinished transfer left behind, so that it would begin anew. A file of the person's stays. */
export async function forgetTransfer(
  task: TransferTask,
  { store, downloads }: Pick<TransferParts, 'store' | 'downloads'>
): Promise<void> {
  // What came from peers belongs to the model: it may be in use, and goes with it.
  if (task.kind === 'fetch') return
  if (!isAddress(task.source)) return store.forgetImport(task.source)
  const file = path.join(downloads, addressOf(task).fileName)
  await store.forgetImport(file)
  await forgetDownload(file)
}

function addressOf({ source, endpoint }: TransferTask & { kind: 'add' }): ModelAddress {
  return parseAddress(source, endpoint)
}
