import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import type { LayerRange, ModelInfo } from '#contract/model.ts'
import { carveFormat, carveRange } from '#model/carve.ts'
import { readGguf } from '#model/gguf.ts'
import { isIntact } from './carved-file.ts'
import type { StagePlan } from './stage-plan.ts'

export interface StageFileRequest {
  readonly model: ModelInfo
  readonly range: LayerRange
  readonly openModel: StagePlan['openModel']
  /** Where carved files are kept, by model and range. */
  readonly folder: string
  readonly signal: AbortSignal
}

/**
 * The file that the engine loads for a range: carved from the model, made once and used again while it is intact. Carved even
 * where the range is all layers, since no file reaches llama.cpp as it came. Throws what opening, reading and
 * carving throw.
 */
export async function prepareStageFile(request: StageFileRequest): Promise<string> {
  const { model, range, openModel, folder, signal } = request
  const home = path.join(folder, model.key)
  const target = path.join(home, `${range.first}-${range.end}-v${carveFormat}.gguf`)
  if (await isIntact(target)) return target
  await makeRoom(home, target)
  const source = await openModel(signal)
  try {
    await carveRange(source, await readGguf(source), range, target, { signal })
    return target
  } finally {
    await source.close()
  }
}

/** Throws `model-not-written`. */
async function makeRoom(folder: string, target: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await rm(target, { force: true })
  } catch (thrown) {
    throw SkeinError.from(thrown, 'model-not-written')
  }
}
