import path from 'node:path'
import type { ModelKey } from '#contract/model.ts'
import type { ImportProgress } from '#contract/weights.ts'
import { openFileSource } from '#model/byte-source.ts'
import { readGguf } from '#model/gguf.ts'
import { realClock, type Clock } from './byte-bucket.ts'
import type { FileIdentity } from './file-identity.ts'
import type { FileKind } from './file-kind.ts'
import { readModelFile } from './import-file.ts'
import type { ImportJournal } from './import-journal.ts'
import type { ModelRecord, RecordFacts } from './model-record.ts'
import { blockBytes } from './block-size.ts'
import { SpeedEstimate } from './speed-estimate.ts'
import { keyOf } from './static-core.ts'
import type { WeightsStorage } from './weights-storage.ts'
import { writeWholeCore } from './write-core.ts'

export interface ImportOptions {
  /** Stops the import; what was read is kept, and the same import goes on there. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ImportProgress) => void
}

export interface ImportParts {
  readonly storage: WeightsStorage
  readonly journal: ImportJournal
  /** Nobody may have the core open while its tree is written. */
  readonly release: (key: ModelKey) => Promise<void>
  readonly clock?: Clock
}

/**
 * Makes a model, or an adapter, of a local GGUF file: reads it once, and keeps its tree. The bytes stay where they are. Throws what
 * checking a header and reading a file throws, `model-file-changed`, `disk-full`, `weights-unreadable` or `cancelled`.
 */
export async function importModel(
  file: FileIdentity,
  kind: FileKind,
  parts: ImportParts,
  options: ImportOptions
): Promise<ModelRecord> {
  const describe = await readHeader(file, kind)
  const onProgress = withSpeed(options.onProgress, parts.clock ?? realClock)
  const stop = options.signal === undefined ? {} : { signal: options.signal }
  const manifest = await readModelFile(file, parts.journal, { ...stop, onProgress })
  const key = keyOf(manifest)
  await parts.release(key)
  await writeWholeCore(parts.storage, {
    ...stop,
    manifest,
    bytes: file.bytes,
    hashes: parts.journal.hashes(manifest.prologue.length),
    onBlock: (blocks) =>
      onProgress({
        phase: 'building',
        doneBytes: Math.min(blocks * blockBytes, file.bytes),
        totalBytes: file.bytes
      })
  })
  return {
    version: 1,
    ...describe(key),
    fileName: path.basename(file.path),
    addedAt: new Date().toISOString(),
    seeding: true,
    file
  }
}

/** Refuses what is not of its kind before gigabytes of it are read. */
async function readHeader(
  file: FileIdentity,
  kind: FileKind
): Promise<(key: ModelKey) => RecordFacts> {
  const source = await openFileSource(file.path)
  try {
    const gguf = await readGguf(source)
    kind.check(gguf)
    const origin = { bytes: file.bytes, fileName: path.basename(file.path) }
    return (key) => kind.describe(gguf, { ...origin, key })
  } finally {
    await source.close()
  }
}

function withSpeed(
  onProgress: ImportOptions['onProgress'],
  clock: Clock
): (progress: ImportProgress) => void {
  const speed = new SpeedEstimate()
  return (progress) => {
    if (progress.phase === 'reading') speed.add(clock.now(), progress.doneBytes)
    const bytesPerSecond = progress.phase === 'reading' ? speed.perSecond() : undefined
    onProgress?.(bytesPerSecond === undefined ? progress : { ...progress, bytesPerSecond })
  }
}
