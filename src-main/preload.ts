import { contextBridge, ipcRenderer } from 'electron'
import type { WindowBridge } from '#contract/window-bridge.ts'

/** As in `shell/control-bridge.ts`; this script is bundled alone and imports nothing that runs. */
const frameChannel = 'skein:frame'

const bridge: WindowBridge = {
  send: (frame) => ipcRenderer.send(frameChannel, frame),
  listen: (listener) => {
    // The event is Electron's own and stays here.
    ipcRenderer.on(frameChannel, (_event, frame: unknown) => listener(frame))
  }
}

contextBridge.exposeInMainWorld('skein', bridge)
