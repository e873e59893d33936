import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { LayerRange, ModelInfo } from '#contract/model.ts'
import { adapterFormat, carveAdapter } from '#model/adapter/carve-adapter.ts'
import type { ByteSource } from '#model/byte-source.ts'
import { readGguf } from '#model/gguf.ts'
import { isIntact } from './carved-file.ts'
import type { StagePlan } from './stage-plan.ts'

export interface AdapterFileRequest {
  readonly model: ModelInfo
  readonly range: LayerRange
  readonly openModel: StagePlan['openModel']
  readonly openAdapter: StagePlan['openAdapter']
  /** Where carved files are kept, by adapter, range and model. */
  readonly folder: string
  readonly signal: AbortSignal
}

/**
 * The adapter's part for a range, as a file that the engine loads: checked against the model and carved, made once and used again
 * while it is intact. `undefined` where the model has no adapter on it, or one that changes nothing in these layers. Throws what
 * opening, reading, checking and carving throw.
 */
export async function prepareAdapterFile(request: AdapterFileRequest): Promise<string | undefined> {
  const { model, range, openAdapter, folder, signal } = request
  if (model.adapter === undefined) return undefined
  if (openAdapter === undefined) throw new TypeError('an adapter without a way to its bytes')
  const home = path.join(folder, model.adapter)
  const name = `${range.first}-${range.end}-${model.key}-v${adapterFormat}.gguf`
  const target = path.join(home, name)
  if (await isIntact(target)) return target
  await mkdir(home, { recursive: true })
  await rm(target, { force: true })
  const source = await openAdapter(signal)
  try {
    const base = await readHeader(await request.openModel(signal))
    const adapter = await readGguf(source)
    return (await carveAdapter(source, adapter, base, range, target, { signal }))?.path
  } finally {
    await source.close()
  }
}

async function readHeader(source: ByteSource): ReturnType<typeof readGguf> {
  try {
    return await readGguf(source)
  } finally {
    await source.close()
  }
}
