import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'

/** What of Electron the shell uses, by the names and argument types of the real one. */
export interface StandIn {
  readonly app: FakeApp
  readonly BrowserWindow: typeof FakeWindow
  readonly dialog: { showErrorBox: typeof Electron.dialog.showErrorBox }
  readonly ipcMain: EventEmitter
  readonly protocol: {
    registerSchemesAsPrivileged: typeof Electron.protocol.registerSchemesAsPrivileged
    handle: typeof Electron.protocol.handle
  }
  readonly session: { readonly defaultSession: FakeSession }
  /** What was asked of it, in order. */
  readonly calls: string[]
}

let calls: string[] = []

class FakeApp extends EventEmitter {
  isFirst = true
  readonly quitDone = Promise.withResolvers<undefined>()

  requestSingleInstanceLock(): boolean {
    return this.isFirst
  }

  enableSandbox(): void {
    calls.push('sandbox')
  }

  whenReady(): Promise<void> {
    calls.push('ready')
    return Promise.resolve()
  }

  /** As Electron does: asks first, and quits when nobody objects. */
  quit(): void {
    const objections: true[] = []
    this.emit('before-quit', { preventDefault: () => objections.push(true) })
    if (objections.length > 0) return
    calls.push('quit')
    this.quitDone.resolve(undefined)
  }

  exit(code: number): void {
    calls.push(`exit ${code}`)
  }
}

class FakeContents extends EventEmitter {
  readonly mainFrame = { url: 'skein://app/' }

  setWindowOpenHandler(): void {
    calls.push('popups denied')
  }

  isDestroyed(): boolean {
    return false
  }

  send(): void {
    calls.push('send')
  }
}

class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents()

  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super()
    calls.push(`window sandboxed: ${options.webPreferences?.sandbox === true}`)
    fakeApp.emit('web-contents-created', {}, this.webContents)
  }

  isMinimized(): boolean {
    return true
  }

  restore(): void {
    calls.push('restore')
  }

  focus(): void {
    calls.push('focus')
  }

  show(): void {
    calls.push('show')
  }

  loadURL(url: string): Promise<void> {
    calls.push(`load ${url}`)
    this.emit('ready-to-show')
    return Promise.resolve()
  }
}

class FakeSession {
  setPermissionRequestHandler(): void {
    calls.push('permissions denied')
  }
  setPermissionCheckHandler(): void {
    calls.push('permission checks denied')
  }
  setDevicePermissionHandler(): void {
    calls.push('devices denied')
  }
}

let fakeApp = new FakeApp()

/** A fresh Electron, with nothing asked of it yet. */
export function createStandIn(): StandIn {
  calls = []
  fakeApp = new FakeApp()
  const seen = calls
  return {
    app: fakeApp,
    BrowserWindow: FakeWindow,
    dialog: { showErrorBox: (title) => void seen.push(`error: ${title}`) },
    ipcMain: new EventEmitter(),
    protocol: {
      registerSchemesAsPrivileged: () => void seen.push('scheme'),
      handle: (scheme) => void seen.push(`serve ${scheme}`)
    },
    session: { defaultSession: new FakeSession() },
    calls: seen
  }
}
