import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { modelKeySchema, type LayerRange } from '#contract/model.ts'
import { prepareAdapterFile, type AdapterFileRequest } from '#host/adapter-file.ts'
import { openFileSource } from '#model/byte-source.ts'
import { tinyShape, writeTinyModel } from '#test/support/engine/tiny-model.ts'
import { randomAdapterBytes } from '#test/support/models/random-adapter.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { openLocalModel } from '../../../src-main/node/local-models.ts'

const key = modelKeySchema.parse('ad'.repeat(32))
const changes = (name: string): boolean => name.startsWith('blk.3.')

async function request(range: LayerRange, adapter: Buffer): Promise<AdapterFileRequest> {
  const folder = temporaryFolder()
  const { file } = await writeTinyModel(folder, tinyShape)
  const adapterFile = path.join(folder, 'adapter.gguf')
  writeFileSync(adapterFile, adapter)
  const { info } = await openLocalModel(file)
  return {
    model: { ...info, adapter: key },
    range,
    openModel: () => openFileSource(file),
    openAdapter: () => openFileSource(adapterFile),
    folder: path.join(folder, 'stages'),
    signal: AbortSignal.any([])
  }
}

const onLast = randomAdapterBytes(tinyShape, { rank: 4, changes })

it('carves an adapter’s part once, uses it again, and carves it anew when it is damaged', async () => {
  const asked = await request({ first: 2, end: 4 }, onLast)
  const file = (await prepareAdapterFile(asked)) ?? ''
  const { mtimeMs } = statSync(file)
  const bytes = readFileSync(file)
  expect(await prepareAdapterFile(asked)).toBe(file)
  expect(statSync(file).mtimeMs).toBe(mtimeMs)

  truncateSync(file, bytes.length / 2)
  await prepareAdapterFile(asked)
  expect(readFileSync(file).equals(bytes)).toBe(true)
})

it('gives no file where the adapter changes nothing, or where there is none', async () => {
  const asked = await request({ first: 0, end: 2 }, onLast)
  expect(await prepareAdapterFile(asked)).toBeUndefined()
  const { adapter, ...plain } = asked.model
  expect(adapter).toBe(key)
  expect(await prepareAdapterFile({ ...asked, model: plain })).toBeUndefined()
})

it('refuses an adapter of another model, and serves no model without its adapter', async () => {
  const wider = randomAdapterBytes({ ...tinyShape, width: 128 }, { rank: 4 })
  const asked = await request({ first: 0, end: 4 }, wider)
  await expect(prepareAdapterFile(asked)).rejects.toMatchObject({ code: 'adapter-mismatch' })
  const lost = { ...asked, openAdapter: undefined }
  await expect(prepareAdapterFile(lost)).rejects.toThrow('an adapter without a way to its bytes')
})
