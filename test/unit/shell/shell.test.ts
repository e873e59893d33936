import { EventEmitter } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { contentSecurityPolicy } from '#api/security-headers.ts'
import type { ControlApi } from '#contract/control.ts'
import { settingsSchema } from '#contract/settings.ts'
import { silentLogger } from '#log/silent-logger.ts'
import { frameChannel, serveControlBridge, type FrameEvent } from '#shell/control-bridge.ts'
import { guardContents, guardSession } from '#shell/guard-contents.ts'
import { servePage } from '#shell/page-scheme.ts'
import { windowOptions } from '#shell/window-options.ts'
import { fakeControl } from '#test/support/api/fake-control.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

test('the page has no Node, and a world and a sandbox of its own', () => {
  expect(windowOptions('/preload.cjs').webPreferences).toMatchObject({
    preload: '/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false
  })
})

test.each([
  ['skein://app/', false],
  ['skein://app/index.html', false],
  ['skein://app.evil.example/', true],
  ['skein://other/', true],
  ['https://example.org/', true],
  ['file:///etc/passwd', true],
  ['javascript:alert(1)', true]
])('a way to %s is barred: %s', (url, isBarred) => {
  const contents = new FakeContents()
  guardContents(contents)
  for (const event of ['will-navigate', 'will-redirect']) {
    let prevented = false
    contents.emit(event, { url, preventDefault: () => (prevented = true) })
    expect(prevented).toBe(isBarred)
  }
})

test('no second window, no page within the page', () => {
  const contents = new FakeContents()
  guardContents(contents)
  expect(contents.openHandler?.()).toEqual({ action: 'deny' })
  let prevented = false
  contents.emit('will-attach-webview', { preventDefault: () => (prevented = true) })
  expect(prevented).toBe(true)
})

test('whatever asks for a permission is refused', () => {
  const answers: boolean[] = []
  guardSession({
    setPermissionRequestHandler: (handler) =>
      handler(undefined, 'media', (granted) => answers.push(granted)),
    setPermissionCheckHandler: (handler) => answers.push(handler()),
    setDevicePermissionHandler: (handler) => answers.push(handler())
  })
  expect(answers).toEqual([false, false, false])
})

test('the window’s page comes with the rules of the loopback page, and nothing else comes', async () => {
  const folder = temporaryFolder()
  writeFileSync(path.join(folder, 'index.html'), 'page')
  const page = await servePage(folder, { url: 'skein://app/' })
  expect(await page.text()).toBe('page')
  expect(page.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
  for (const url of ['skein://other/', 'skein://app/../secret.js', 'skein://app/none.js']) {
    expect((await servePage(folder, { url })).status).toBe(404)
  }
})

const settings = settingsSchema.parse({})
const call = { type: 'call', id: 1, procedure: 'settings.get', input: {} }

function openBridge(control: ControlApi) {
  const contents = new FakeContents()
  const ipc = new EventEmitter()
  serveControlBridge(contents, ipc, control, silentLogger)
  const hear = (frame: unknown, event: Partial<FrameEvent> = {}): void => {
    ipc.emit(frameChannel, { sender: contents, senderFrame: contents.mainFrame, ...event }, frame)
  }
  return { contents, ipc, hear }
}

test('a call of the page is answered to the page', async () => {
  const { contents, hear } = openBridge(
    fakeControl({ 'settings.get': () => Promise.resolve(settings) })
  )
  hear(call)
  await contents.receives(2)
  expect(contents.frames).toEqual([
    { type: 'item', id: 1, value: settings },
    { type: 'end', id: 1 }
  ])
})

test('frames of another window, another frame, or another page are not heard', () => {
  const asked: string[] = []
  const { contents, hear } = openBridge(
    fakeControl({
      'settings.get': () => {
        asked.push('settings')
        return Promise.resolve(settings)
      }
    })
  )
  hear(call, { sender: new FakeContents() })
  hear(call, { senderFrame: { url: 'skein://app/' } })
  hear(call, { senderFrame: null })
  contents.mainFrame.url = 'https://evil.example/'
  hear(call)
  expect(asked).toEqual([])
})

test.each(['did-start-loading', 'destroyed'])('%s ends what the page asked for', async (event) => {
  const ended = Promise.withResolvers<undefined>()
  const { contents, hear } = openBridge(
    fakeControl({
      'settings.get': (_input, signal) => {
        signal.addEventListener('abort', () => ended.resolve(undefined))
        return new Promise(() => undefined)
      }
    })
  )
  hear(call)
  contents.emit(event)
  await ended.promise
})

test('a page that breaks the protocol is not heard again until it loads anew', async () => {
  const { contents, hear } = openBridge(
    fakeControl({ 'settings.get': () => Promise.resolve(settings) })
  )
  hear({ type: 'dance' })
  hear(call)
  contents.emit('did-start-loading')
  hear({ ...call, id: 2 })
  await contents.receives(2)
  expect(contents.frames).toMatchObject([{ id: 2 }, { id: 2 }])
})

/** As much of a window's contents as the shell touches. */
class FakeContents extends EventEmitter {
  readonly mainFrame = { url: 'skein://app/' }
  readonly frames: unknown[] = []
  openHandler: (() => { action: 'deny' }) | undefined

  setWindowOpenHandler(handler: () => { action: 'deny' }): void {
    this.openHandler = handler
  }

  isDestroyed(): boolean {
    return false
  }

  send(_channel: string, frame: unknown): void {
    this.frames.push(frame)
    this.emit('frame')
  }

  async receives(count: number): Promise<void> {
    while (this.frames.length < count) await EventEmitter.once(this, 'frame')
  }
}
