import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Stage } from '#engine/child/stage.ts'
import { startStage } from '#engine/engine-supervisor.ts'
import type { StageConfig } from '#engine/stage-types.ts'
import { engineEntry } from '#test/support/engine/engine-entry.ts'
import { tinyShape, tinyStage, writeTinyModel } from '#test/support/engine/tiny-model.ts'
import { randomAdapterBytes } from '#test/support/models/random-adapter.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const adapterBytes = randomAdapterBytes(tinyShape, { rank: 8 })

async function tinyConfig(adapter?: Uint8Array): Promise<StageConfig> {
  const folder = temporaryFolder()
  const { file } = await writeTinyModel(folder, tinyShape)
  const config = { ...tinyStage, file, range: { first: 0, end: tinyStage.layers } }
  if (adapter === undefined) return config
  const adapterFile = path.join(folder, 'adapter.gguf')
  writeFileSync(adapterFile, adapter)
  return { ...config, adapterFile }
}

test('an adapter crosses to the engine process, and counts as weights', async () => {
  const sizes: number[] = []
  for (const adapter of [undefined, adapterBytes]) {
    const stage = await startStage({ ...(await tinyConfig(adapter)), entry: engineEntry })
    onTestFinished(() => stage.stop())
    sizes.push(stage.info.memory.weightBytes)
  }
  const [without = 0, withAdapter = 0] = sizes
  expect(withAdapter - without).toBe(adapterBytes.length)
})

test.each([
  ['for a wider model', randomAdapterBytes({ ...tinyShape, width: 128 }, { rank: 8 })],
  [
    'for another architecture',
    randomAdapterBytes({ ...tinyShape, architecture: 'qwen3' }, { rank: 8 })
  ],
  ['cut off', adapterBytes.subarray(0, adapterBytes.length - 64)],
  ['that is none', Buffer.from('GGUF, or not')]
])('a stage with an adapter %s does not load, and says why', async (_, adapter) => {
  const config = await tinyConfig(adapter)
  expect(() => Stage.load(config)).toThrow(/^engine-load-failed: .*adapter/)
})

test('a stage without its adapter’s file does not load', async () => {
  const config = await tinyConfig()
  const lost = path.join(temporaryFolder(), 'lost.gguf')
  expect(() => Stage.load({ ...config, adapterFile: lost })).toThrow('does not exist')
})
