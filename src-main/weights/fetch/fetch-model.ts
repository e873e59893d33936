import type Hypercore from 'hypercore'
import { SkeinError } from '#contract/errors.ts'
import { readGguf, type Gguf } from '#model/gguf.ts'
import type { ByteRange } from '#model/metadata-value.ts'
import { blockBytes } from '../block-size.ts'
import { modelBytesOf, CoreSource } from '../core-source.ts'
import { runsOf } from './block-runs.ts'
import { FetchSession, type FetchOptions, type FetchParts } from './fetch-session.ts'
import { estimateHeader } from './header-estimate.ts'

/**
 * Fetches the header of a model of which only the key is known, then the bytes that `wanted` names by it, from whoever has them. What
 * is here already is not fetched again. Waits as long as nobody has it. Throws `cancelled`, `weights-malformed`, what reading a header
 * throws, or what `wanted` throws.
 */
export async function fetchModel(
  core: Hypercore,
  wanted: (gguf: Gguf) => Promise<readonly ByteRange[]>,
  parts: FetchParts,
  options: FetchOptions
): Promise<Gguf> {
  const session = new FetchSession(core, parts, options)
  try {
    await session.waitForLength()
    const gguf = await fetchHeader(session)
    await session.fetch(runsOf(await wanted(gguf)))
    return gguf
  } finally {
    session.stop()
  }
}

/** Two round trips where the estimate is right: the first block, and the rest by what it says. */
async function fetchHeader(session: FetchSession): Promise<Gguf> {
  const { core } = session
  const source = new CoreSource(modelBytesOf(core), async (index) => {
    await session.fetch([{ start: index, end: index + 1 }])
    const block = await core.get(index, { wait: false })
    if (block === null) throw new SkeinError('model-file-changed', `block ${index}`)
    return block
  })
  const start = await source.read(0, Math.min(source.size, blockBytes))
  const bytes = Math.min(source.size, estimateHeader(start))
  await session.fetch(runsOf([{ offset: 0, bytes }]))
  return readGguf(source)
}
