import path from 'node:path'
import type { OutputOf } from '#contract/control.ts'
import type { StoredFile } from '#contract/weights.ts'
import { forgetDownload } from '#weights/download/download-file.ts'
import type { WeightsStore } from '#weights/weights-store.ts'
import type { Transfers } from './transfers.ts'

/** Forgets a model and what brings it here. A file of the person's stays; what was downloaded or came from peers is deleted. */
export async function removeStored(
  model: StoredFile,
  store: WeightsStore,
  transfers: Transfers
): Promise<OutputOf<'models.remove'>> {
  const { key } = model.info
  const coming = transfers.list().filter(({ task }) => task.kind === 'fetch' && task.model === key)
  for (const { id } of coming) await transfers.cancel(id)
  await store.remove(key)
  if (model.path === undefined) return { removed: model }
  const isDownload = path.dirname(model.path) === transfers.downloads
  if (!isDownload) return { removed: model, keptFile: model.path }
  await forgetDownload(model.path)
  return { removed: model }
}
