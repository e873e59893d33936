import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { SkeinNode } from '#node'
import { startNode } from '#test/support/node/start-node.ts'

/** Turns of the event loop in which it lets go of a process that has ended. */
const turns = 10

/** Processes that this one started and that are not gone. */
async function children(): Promise<number> {
  const running = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length
  for (let turn = 0; turn < turns && running() > 0; turn++) await setImmediate()
  return running()
}

/** Resolves when the node's stage is loading. */
async function loading(node: SkeinNode): Promise<void> {
  const changes = node.control.stream('status.watch', {}, new AbortController().signal)
  for await (const { stages } of changes) if (stages.length > 0) return
}

test.each([
  ['before anything is loaded', () => Promise.resolve()],
  ['while the model loads', loading],
  ['when all is loaded', (node: SkeinNode) => node.ready]
])('a node that is closed leaves no process: %s', async (_name, reached) => {
  const node = await startNode()
  await reached(node)
  await node.close()
  expect(await children()).toBe(0)
})

test('closing twice is harmless', async () => {
  const node = await startNode()
  await node.close()
  await node.close()
})
