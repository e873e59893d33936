import { runTool } from '../run-tool.ts'
import { Unavailable, type SignalSource } from '../signal-source.ts'

/** The window in front, from `xprop -root _NET_ACTIVE_WINDOW`; `undefined` when there is none. */
export function activeWindowOf(text: string): string | undefined {
  const id = /window id # (0x[0-9a-f]+)/i.exec(text)?.[1]
  return id === undefined || Number(id) === 0 ? undefined : id
}

/** Whether a window fills its screen, from `xprop -id <window> _NET_WM_STATE`. */
export function isFullScreenState(text: string): boolean {
  return /\b_NET_WM_STATE_FULLSCREEN\b/.test(text)
}

/** On X11, and of programs that run through XWayland, most games among them. Wayland tells nobody of others' windows. */
export function xpropFullScreen(command = 'xprop'): SignalSource<'fullScreen'> {
  return {
    source: 'xprop',
    everyMs: 3000,
    async read(signal) {
      if (process.env['DISPLAY'] === undefined) throw new Unavailable('unsupported')
      const root = await runTool(command, ['-root', '_NET_ACTIVE_WINDOW'], signal)
      const id = activeWindowOf(root)
      if (id === undefined) return false
      return isFullScreenState(await runTool(command, ['-id', id, '_NET_WM_STATE'], signal))
    }
  }
}
