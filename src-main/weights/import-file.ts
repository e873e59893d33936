import crypto from 'hypercore-crypto'
import type { StaticManifest } from 'hypercore'
import { SkeinError } from '#contract/errors.ts'
import type { ImportProgress } from '#contract/weights.ts'
import { openFileSource } from '#model/byte-source.ts'
import { blockBytes, blockLength } from './block-size.ts'
import { identify, isSame, type FileIdentity } from './file-identity.ts'
import type { ImportJournal } from './import-journal.ts'
import { MerkleTree } from './merkle-tree.ts'
import { blocksIn, chunksFrom } from './model-key.ts'
import { staticManifest } from './static-core.ts'

export interface ReadOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (
    progress: Pick<ImportProgress, 'phase' | 'doneBytes' | 'totalBytes'>
  ) => void
}

/** Blocks taken up again between two reports of progress. */
const blocksPerReport = 1024

/**
 * Reads a model file once, from where the journal stopped, and gives what its core is. The hashes of its blocks are in the
 * journal afterwards; memory does not grow with the file. Throws what reading throws, `model-file-changed` when the file is
 * written to meanwhile, `disk-full`, or `cancelled`: the journal then keeps what was read.
 */
export async function readModelFile(
  file: FileIdentity,
  journal: ImportJournal,
  options: ReadOptions = {}
): Promise<StaticManifest> {
  const known = await journal.resume(file)
  const tree = await replay(file, journal, known, options)
  await readRest(file, journal, tree, options)
  if (!isSame(await identify(file.path), file)) {
    await journal.remove()
    throw new SkeinError('model-file-changed', file.path)
  }
  return staticManifest(tree)
}

async function replay(
  file: FileIdentity,
  journal: ImportJournal,
  blocks: number,
  options: ReadOptions
): Promise<MerkleTree> {
  const tree = new MerkleTree()
  if (blocks === 0) return tree
  for await (const hash of journal.hashes(blocks)) {
    tree.append(hash, blockLength(tree.length, file.bytes))
    if (tree.length % blocksPerReport === 0) report('checking', tree, file, options)
  }
  return tree
}

async function readRest(
  file: FileIdentity,
  journal: ImportJournal,
  tree: MerkleTree,
  options: ReadOptions
): Promise<void> {
  const source = await openFileSource(file.path)
  try {
    const writer = await journal.append(tree.length)
    try {
      for await (const chunk of chunksFrom(source, tree.length * blockBytes)) {
        if (options.signal?.aborted === true) throw new SkeinError('cancelled')
        for (const block of blocksIn(chunk)) {
          const hash = crypto.data(block)
          tree.append(hash, block.length)
          await writer.push(hash)
        }
        report('reading', tree, file, options)
      }
      await writer.flush()
    } finally {
      await writer.close()
    }
  } finally {
    await source.close()
  }
}

function report(
  phase: ImportProgress['phase'],
  tree: MerkleTree,
  file: FileIdentity,
  options: ReadOptions
): void {
  const doneBytes = Math.min(tree.length * blockBytes, file.bytes)
  options.onProgress?.({ phase, doneBytes, totalBytes: file.bytes })
}
