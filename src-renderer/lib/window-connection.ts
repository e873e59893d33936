import { ControlClient } from '#contract/control-client.ts'
import type { WindowBridge } from '#contract/window-bridge.ts'
import { ConnectionStore, type Connection } from './connection.ts'

declare global {
  interface Window {
    /** Put there by the preload script of Skein's own window. */
    readonly skein?: WindowBridge
  }
}

/** The control channel over the bridge to the main process: there as long as the window is. */
export function connectWindow(bridge: WindowBridge): Connection {
  const store = new ConnectionStore()
  const client = new ControlClient((frame) => bridge.send(frame))
  bridge.listen((frame) => client.receive(frame))
  store.set({ kind: 'open', client })
  return store
}
