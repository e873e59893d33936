import { pageOrigin } from './page-scheme.ts'

/** What is guarded of a window's contents. */
export interface GuardedContents {
  on(event: 'will-navigate' | 'will-redirect', listener: (event: NavigationEvent) => void): unknown
  on(event: 'will-attach-webview', listener: (event: PreventableEvent) => void): unknown
  setWindowOpenHandler(handler: () => { action: 'deny' }): void
}

interface PreventableEvent {
  preventDefault(): void
}

interface NavigationEvent extends PreventableEvent {
  readonly url: string
}

/** What is guarded of a session: everything that a page could ask the person, or the system, for. */
export interface GuardedSession {
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: unknown, answer: (granted: boolean) => void) => void
  ): void
  setPermissionCheckHandler(handler: () => boolean): void
  setDevicePermissionHandler(handler: () => boolean): void
}

/** The window shows Skein's page and nothing else: no other address, no second window, no page within the page. */
export function guardContents(contents: GuardedContents): void {
  const stay = (event: NavigationEvent): void => {
    if (!isOwnPage(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

/** The page needs no camera, no place, no notification: whatever asks is refused. */
export function guardSession(session: GuardedSession): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
}

export function isOwnPage(url: string): boolean {
  return url === pageOrigin || url.startsWith(`${pageOrigin}/`)
}
