import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { addModel, untilStatus } from '#test/support/node/node-models.ts'
import { startNode } from '#test/support/node/start-node.ts'
import { askNode } from '#test/support/node/question.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { modelFile } from '#test/support/weights/store-fixture.ts'
import { WeightsStore } from '#weights/weights-store.ts'

const never = AbortSignal.any([])

test('a store that another program has is told in the status, and used once it is free', async () => {
  const homeFolder = temporaryFolder()
  const other = await WeightsStore.open(path.join(homeFolder, 'weights'))
  const node = await startNode({ homeFolder })
  const { weights } = await untilStatus(node, (status) => status.weights.error !== undefined)
  expect(weights.error).toMatchObject({ code: 'weights-in-use' })
  await expect(node.control.call('models.list', {}, never)).rejects.toMatchObject({
    code: 'weights-in-use'
  })
  expect((await askNode(node)).tokens.length).toBeGreaterThan(0)

  await other.close()
  const { info } = await addModel(node, await modelFile())
  const after = await node.control.call('status.get', {}, never)
  expect(after.weights.error).toBeUndefined()
  expect(after.models.map(({ key }) => key)).toContain(info.key)
})

test('a store that cannot be read is told in the status, and the chat goes on', async () => {
  const homeFolder = temporaryFolder()
  const folder = path.join(homeFolder, 'weights')
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'store.json'), '{"version": 1000}')
  const node = await startNode({ homeFolder })
  const { weights } = await untilStatus(node, (status) => status.weights.error !== undefined)
  expect(weights.error).toMatchObject({ code: 'weights-newer' })
  expect((await askNode(node)).tokens.length).toBeGreaterThan(0)
})
