import type { ControlApi } from '#contract/control.ts'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import { ControlSession } from '#api/control/control-session.ts'
import { isOwnPage } from './guard-contents.ts'

/** Frames of the control channel travel under this name, both ways. */
export const frameChannel = 'skein:frame'

/** A window's contents, as far as the bridge needs them. */
export interface BridgedContents {
  readonly mainFrame: unknown
  send(channel: string, frame: unknown): void
  isDestroyed(): boolean
  on(event: 'did-start-loading' | 'destroyed', listener: () => void): unknown
}

export interface FrameEvent {
  readonly sender: unknown
  /** Null when the frame is gone already. */
  readonly senderFrame: { readonly url: string } | null
}

export interface FrameSource {
  on(channel: string, listener: (event: FrameEvent, frame: unknown) => void): unknown
  off(channel: string, listener: (event: FrameEvent, frame: unknown) => void): unknown
}

/**
 * Serves the control channel to one window over Electron's IPC. Only the window's own main frame, showing Skein's own
 * page, is heard. A page that loads anew begins anew: what the old one asked for ends.
 */
export function serveControlBridge(
  contents: BridgedContents,
  ipc: FrameSource,
  api: ControlApi,
  log: Logger
): void {
  const open = (): ControlSession =>
    new ControlSession(api, (frame) => {
      if (!contents.isDestroyed()) contents.send(frameChannel, frame)
    })
  let session = open()

  function onFrame(event: FrameEvent, frame: unknown): void {
    if (event.sender !== contents) return
    if (event.senderFrame !== contents.mainFrame || !isOwnPage(event.senderFrame?.url ?? '')) {
      log.warn('a frame from a stranger was ignored', { url: event.senderFrame?.url })
      return
    }
    try {
      session.receive(frame)
    } catch (thrown) {
      log.warn('the page broke the protocol', { reason: SkeinError.from(thrown).message })
      session.close()
    }
  }
  ipc.on(frameChannel, onFrame)
  contents.on('did-start-loading', () => {
    session.close()
    session = open()
  })
  contents.on('destroyed', () => {
    session.close()
    ipc.off(frameChannel, onFrame)
  })
}
