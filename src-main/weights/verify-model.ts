import { SkeinError } from '#contract/errors.ts'
import type { ByteProgress } from '#contract/weights.ts'
import { blockBytes } from './block-size.ts'
import type { ModelHolding } from './model-holding.ts'

export interface VerifyOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ByteProgress) => void
}

export interface CheckedBlocks {
  readonly checked: number
  /** Ascending. */
  readonly damaged: readonly number[]
}

/** Reads every block that should be here and checks it. Throws `cancelled`. */
export async function verifyModel(
  holding: ModelHolding,
  options: VerifyOptions = {}
): Promise<CheckedBlocks> {
  const { core } = holding
  let checked = 0
  const damaged: number[] = []
  for (let index = 0; index < core.length; index++) {
    if (options.signal?.aborted === true) throw new SkeinError('cancelled')
    if (!(await core.has(index))) continue
    checked++
    if (!(await isReadable(holding, index))) damaged.push(index)
    if (checked % 16 === 0) report(options, index + 1, core)
  }
  report(options, core.length, core)
  return { checked, damaged }
}

async function isReadable(holding: ModelHolding, index: number): Promise<boolean> {
  try {
    await holding.readBlock(index)
    return true
  } catch {
    // Whatever the reason, these bytes cannot be had: the database finds damage to its own files by itself.
    return false
  }
}

function report(options: VerifyOptions, blocks: number, core: ModelHolding['core']): void {
  const doneBytes = Math.min(blocks * blockBytes, core.byteLength)
  options.onProgress?.({ doneBytes, totalBytes: core.byteLength })
}
