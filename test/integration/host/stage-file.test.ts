import { readFileSync, statSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { prepareStageFile } from '#host/stage-file.ts'
import { openFileSource } from '#model/byte-source.ts'
import { parityModels } from '#test/support/models/parity-models.ts'
import { writeRandomModel } from '#test/support/models/random-model.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { openLocalModel } from '../../../src-main/node/local-models.ts'

it('carves a range once, uses it again, and carves it anew when it is damaged', async () => {
  const folder = temporaryFolder()
  const modelFile = path.join(folder, 'model.gguf')
  const spec = parityModels['llama F32']
  if (spec === undefined) throw new Error('no model')
  await writeRandomModel(modelFile, spec)
  const { info: model } = await openLocalModel(modelFile)
  const request = {
    model,
    openModel: () => openFileSource(modelFile),
    signal: AbortSignal.any([]),
    folder: path.join(folder, 'stages'),
    range: { first: 2, end: 4 }
  }

  const file = await prepareStageFile(request)
  const { mtimeMs } = statSync(file)
  const bytes = readFileSync(file)
  expect(await prepareStageFile(request)).toBe(file)
  expect(statSync(file).mtimeMs).toBe(mtimeMs)

  truncateSync(file, bytes.length / 2)
  await prepareStageFile(request)
  expect(readFileSync(file).equals(bytes)).toBe(true)
})
