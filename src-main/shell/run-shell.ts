import { app, BrowserWindow, dialog, ipcMain, protocol, session } from 'electron'
import type { SkeinNode } from '#node'
import { SkeinError } from '#contract/errors.ts'
import { serveControlBridge } from './control-bridge.ts'
import { guardContents, guardSession } from './guard-contents.ts'
import { pageOrigin, pagePrivileges, pageScheme, servePage } from './page-scheme.ts'
import { windowOptions } from './window-options.ts'

/** The node as its window needs it. */
type ShellNode = Pick<SkeinNode, 'control' | 'log' | 'close'>

export interface ShellOptions {
  readonly pageFolder: string
  readonly preloadFile: string
  /** Called once Electron is ready, and never in a second instance. */
  readonly startNode: () => Promise<ShellNode>
}

/** Skein as an application with a window. Runs until the person quits; then nothing of it is left. */
export async function runShell(options: ShellOptions): Promise<void> {
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  protocol.registerSchemesAsPrivileged([pagePrivileges])
  app.enableSandbox()
  app.on('web-contents-created', (_event, contents) => guardContents(contents))
  await app.whenReady()
  guardSession(session.defaultSession)
  protocol.handle(pageScheme, (request) => servePage(options.pageFolder, request))
  try {
    const node = await options.startNode()
    quitWith(node)
    await openWindow(options, node)
  } catch (thrown) {
    const { sentence, remedy } = SkeinError.from(thrown).toValue()
    dialog.showErrorBox(sentence, remedy)
    app.exit(1)
  }
}

async function openWindow(options: ShellOptions, node: ShellNode): Promise<void> {
  const window = new BrowserWindow(windowOptions(options.preloadFile))
  serveControlBridge(window.webContents, ipcMain, node.control, node.log)
  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore()
    window.focus()
  })
  window.once('ready-to-show', () => window.show())
  await window.loadURL(`${pageOrigin}/`)
}

/** The node ends before the application does: Quit leaves no process and no port. */
function quitWith(node: ShellNode): void {
  let isClosed = false
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', (event) => {
    if (isClosed) return
    event.preventDefault()
    void node.close().finally(() => {
      isClosed = true
      app.quit()
    })
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())
}
