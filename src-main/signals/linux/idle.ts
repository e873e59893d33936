import { runTool } from '../run-tool.ts'
import { Unavailable, type SignalSource } from '../signal-source.ts'
import type { DbusCaller, DbusMethod } from './dbus.ts'

const everyMs = 500

const mutter = {
  service: 'org.gnome.Mutter.IdleMonitor',
  path: '/org/gnome/Mutter/IdleMonitor/Core',
  interface: 'org.gnome.Mutter.IdleMonitor'
} as const

/** GNOME, on Wayland and X11. Tells of input by itself, so that nothing has to wait for the next look. */
export function mutterIdle(bus: DbusCaller): SignalSource<'idle'> {
  let isWatching = false
  return {
    source: 'GNOME',
    everyMs,
    async read() {
      try {
        const idle = numberOf(await bus.call({ ...mutter, member: 'GetIdletime' }))
        // A watch is good for one input; the next look sets another.
        if (!isWatching) await bus.call({ ...mutter, member: 'AddUserActiveWatch' })
        isWatching = true
        return idle
      } catch (error) {
        // The desktop has forgotten it with the connection.
        isWatching = false
        throw error
      }
    },
    watch(listener) {
      bus.listen({ ...mutter, member: 'WatchFired' }, () => {
        isWatching = false
        listener()
      })
    }
  }
}

/** KDE on X11; on Wayland it refuses. Milliseconds, unlike what the interface's own description says. */
export function kdeIdle(bus: DbusCaller): SignalSource<'idle'> {
  const method: DbusMethod = {
    service: 'org.kde.screensaver',
    path: '/ScreenSaver',
    interface: 'org.freedesktop.ScreenSaver',
    member: 'GetSessionIdleTime'
  }
  return { source: 'KDE', everyMs, read: async () => numberOf(await bus.call(method)) }
}

/**
 * What the desktop tells systemd: not when the last input was, but whether the session is idle by the desktop's own measure, and since
 * when. So it knows of a person later than the others, and of their absence never too early. `wallNow`: milliseconds since 1970.
 */
export function logindIdle(
  bus: DbusCaller,
  wallNow: () => number = Date.now
): SignalSource<'idle'> {
  return {
    source: 'systemd-logind',
    everyMs,
    async read() {
      const isIdle = await bus.property({ ...session, member: 'IdleHint' })
      if (typeof isIdle !== 'boolean') throw new Unavailable('failed')
      if (!isIdle) return 0
      const sinceMicros = Number(await bus.property({ ...session, member: 'IdleSinceHint' }))
      return Math.max(0, wallNow() - sinceMicros / 1000)
    }
  }
}

/** The session that this process belongs to. */
const session = {
  service: 'org.freedesktop.login1',
  path: '/org/freedesktop/login1/session/auto',
  interface: 'org.freedesktop.login1.Session'
} as const

export function logindLocked(bus: DbusCaller): SignalSource<'locked'> {
  return {
    source: 'systemd-logind',
    everyMs: 2000,
    async read() {
      const isLocked = await bus.property({ ...session, member: 'LockedHint' })
      if (typeof isLocked !== 'boolean') throw new Unavailable('failed')
      return isLocked
    }
  }
}

/**
 * Other desktops on X11, where this small program is installed. Asking X itself would need its library in this process, and that ends
 * the whole process when the display goes away.
 */
export function xprintidle(command = 'xprintidle'): SignalSource<'idle'> {
  return {
    source: 'xprintidle',
    everyMs: 1000,
    async read(signal) {
      if (process.env['DISPLAY'] === undefined) throw new Unavailable('unsupported')
      return numberOf([(await runTool(command, [], signal)).trim()])
    }
  }
}

function numberOf([value]: readonly unknown[]): number {
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))
  if (!isNumeric) throw new Unavailable('failed', 'not a number')
  return Number(value)
}
