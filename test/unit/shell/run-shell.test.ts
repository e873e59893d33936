import { beforeEach, expect, test, vi } from 'vitest'
import type { SkeinNode } from '#node'
import { silentLogger } from '#log/silent-logger.ts'
import { createStandIn, type StandIn } from '#test/support/electron/stand-in.ts'
import { fakeControl } from '#test/support/api/fake-control.ts'

let electron: StandIn
beforeEach(() => {
  electron = createStandIn()
  vi.resetModules()
  vi.doMock('electron', () => electron)
})

const node = (): Pick<SkeinNode, 'control' | 'log' | 'close'> => ({
  control: fakeControl(),
  log: silentLogger,
  close: () => {
    electron.calls.push('node closed')
    return Promise.resolve()
  }
})

async function run(startNode = () => Promise.resolve(node())): Promise<void> {
  const { runShell } = await import('#shell/run-shell.ts')
  await runShell({ pageFolder: '/page', preloadFile: '/preload.cjs', startNode })
}

test('everything is barred before the page is shown', async () => {
  await run()
  expect(electron.calls).toEqual([
    'scheme',
    'sandbox',
    'ready',
    'permissions denied',
    'permission checks denied',
    'devices denied',
    'serve skein',
    'window sandboxed: true',
    'popups denied',
    'load skein://app/',
    'show'
  ])
})

test('a second instance ends at once; the first one comes to the front', async () => {
  electron.app.isFirst = false
  await run()
  expect(electron.calls).toEqual(['quit'])
  electron.app.isFirst = true
  await run()
  electron.app.emit('second-instance')
  expect(electron.calls.slice(-2)).toEqual(['restore', 'focus'])
})

test('the application quits when its window is closed, and not before the node is closed', async () => {
  await run()
  electron.app.emit('window-all-closed')
  await electron.app.quitDone.promise
  expect(electron.calls.slice(-2)).toEqual(['node closed', 'quit'])
})

test('a node that cannot start is an error for the person, and the end', async () => {
  // Of the same modules as the shell under test.
  const { SkeinError } = await import('#contract/errors.ts')
  await run(() => Promise.reject(new SkeinError('home-in-use')))
  expect(electron.calls.slice(-2)).toEqual([
    'error: Another Skein is already running with this data folder.',
    'exit 1'
  ])
})
