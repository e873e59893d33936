import path from 'node:path'
import { expect, test } from 'vitest'
import { fakeIo } from '#test/support/cli/fake-io.ts'
import { tinySpec } from '#test/support/engine/tiny-model.ts'
import { writeRandomModel } from '#test/support/models/random-model.ts'
import { untilStatus } from '#test/support/node/node-models.ts'
import { startNode } from '#test/support/node/start-node.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { modelFile } from '#test/support/weights/store-fixture.ts'
import { runChatCommand } from '../../../src-main/cli/chat.ts'
import { runModelHost, runModelRelease } from '../../../src-main/cli/model-hosting.ts'
import {
  runModelAdd,
  runModelFetch,
  runModelRemove,
  runModelSeed,
  runModelVerify
} from '../../../src-main/cli/model-store.ts'
import { runModelTransfers } from '../../../src-main/cli/model-transfers.ts'
import { runModelList, runModelShow } from '../../../src-main/cli/model.ts'
import { runStatusCommand } from '../../../src-main/cli/status.ts'

type Command = (io: ReturnType<typeof fakeIo>) => Promise<void>

/** What a command prints. */
async function printed(homeFolder: string, command: Command): Promise<string> {
  const io = fakeIo(homeFolder)
  await command(io)
  return io.printed.join('\n')
}

test('with a running node, which has the store, every command about models goes through it', async () => {
  const homeFolder = temporaryFolder()
  const node = await startNode({ homeFolder })
  const file = await modelFile()
  const say = (command: Command): Promise<string> => printed(homeFolder, command)

  const added = await say((io) => runModelAdd(io, file))
  const key = added.split('\n').at(-1) ?? ''
  expect(key).toMatch(/^[0-9a-f]{64}$/)
  expect(await say(runModelList)).toContain(`${key.slice(0, 16)}  whole, ${file}`)
  expect(await say((io) => runModelShow(io, 'random-1.gguf'))).toContain(key)
  expect(await say((io) => runModelSeed(io, key, 'off'))).toContain('seeding is off')
  expect(await say((io) => runModelVerify(io, key))).toContain('all as they should be')
  expect(await say((io) => runModelFetch(io, key, undefined))).toContain('Fetched')
  expect(await say(runModelTransfers)).toBe('Nothing is on its way.')
  await expect(runModelFetch(fakeIo(homeFolder), '5'.repeat(64), undefined)).rejects.toMatchObject({
    code: 'no-network'
  })

  const range = { first: 1, end: 3 }
  expect(await say((io) => runModelHost(io, key, range))).toContain('Layers 1..2 are')
  await untilStatus(node, ({ stages }) =>
    stages.some(({ model, state }) => model === key && state === 'ready')
  )
  expect(await say(runStatusCommand)).toContain('Stage: layers 1..2 of Random llama, ready')
  await expect(runModelHost(fakeIo(homeFolder), key, { first: 1, end: 99 })).rejects.toMatchObject({
    code: 'range-not-allowed'
  })
  expect(await say((io) => runModelRelease(io, key, range))).toBe('1 given up.')

  expect(await say((io) => runModelRemove(io, key))).toContain(`The file stays: ${file}`)
  expect(await say(runModelList)).not.toContain(key.slice(0, 16))
})

test('without a running node, a question is answered by a model that was added', async () => {
  const homeFolder = temporaryFolder()
  const file = path.join(homeFolder, 'tiny.gguf')
  await writeRandomModel(file, { ...tinySpec, name: 'Tiny Random' })
  await runModelAdd(fakeIo(homeFolder), file)
  const io = fakeIo(homeFolder, true)
  await runChatCommand(io, 'w1 w2', { model: 'tiny-random', maxTokens: 3 })
  expect(JSON.parse(io.printed.at(-1) ?? '')).toMatchObject({
    kind: 'end',
    report: { route: [{ range: { first: 0, end: 4 }, isLocal: true }] }
  })
  await expect(runChatCommand(io, 'Hi', { model: 'gpt-9' })).rejects.toMatchObject({
    code: 'model-unknown'
  })
})

test('hosting needs a running node', async () => {
  const io = fakeIo(temporaryFolder())
  await expect(runModelHost(io, 'anything', undefined)).rejects.toMatchObject({
    code: 'not-running'
  })
})
