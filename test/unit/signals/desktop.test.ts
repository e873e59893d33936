import { expect, test } from 'vitest'
import { kdeIdle, logindIdle, logindLocked, mutterIdle } from '#signals/linux/idle.ts'
import type { DbusCaller, DbusMethod } from '#signals/linux/dbus.ts'
import { networkManagerMetered, powerProfileSavers } from '#signals/linux/system-services.ts'
import { firstSource } from '#signals/first-source.ts'
import { Unavailable } from '#signals/signal-source.ts'

const never = new AbortController().signal

/** A bus with these services; what is not there answers as a bus does. */
class FakeBus implements DbusCaller {
  readonly calls: string[] = []
  readonly answers: Record<string, unknown>
  #heard: (() => void) | undefined

  constructor(answers: Record<string, unknown>) {
    this.answers = answers
  }

  call({ service, member }: DbusMethod): Promise<readonly unknown[]> {
    this.calls.push(member)
    const answer = this.answers[`${service} ${member}`]
    return answer === undefined
      ? Promise.reject(new Unavailable('unsupported'))
      : Promise.resolve([answer])
  }

  async property(of: DbusMethod): Promise<unknown> {
    const [value] = await this.call(of)
    return value
  }

  listen(_from: DbusMethod, listener: () => void): void {
    this.#heard = listener
  }

  fire(): void {
    this.#heard?.()
  }

  close(): void {
    this.calls.push('close')
  }
}

test('GNOME tells of input by itself: one watch for each, set again after it fired', async () => {
  const bus = new FakeBus({
    'org.gnome.Mutter.IdleMonitor GetIdletime': 61_000,
    'org.gnome.Mutter.IdleMonitor AddUserActiveWatch': 7
  })
  const source = mutterIdle(bus)
  let heard = 0
  source.watch?.(() => heard++)
  expect(await source.read(never)).toBe(61_000)
  await source.read(never)
  expect(bus.calls).toEqual(['GetIdletime', 'AddUserActiveWatch', 'GetIdletime'])
  bus.fire()
  expect(heard).toBe(1)
  await source.read(never)
  expect(bus.calls.filter((member) => member === 'AddUserActiveWatch')).toHaveLength(2)
})

test('KDE tells milliseconds', async () => {
  const bus = new FakeBus({ 'org.kde.screensaver GetSessionIdleTime': 1234 })
  expect(await kdeIdle(bus).read(never)).toBe(1234)
  const odd = new FakeBus({ 'org.kde.screensaver GetSessionIdleTime': 'soon' })
  await expect(kdeIdle(odd).read(never)).rejects.toMatchObject({ reason: 'failed' })
})

test('systemd: a session that is not idle is in use; one that is has been since', async () => {
  const inUse = new FakeBus({ 'org.freedesktop.login1 IdleHint': false })
  expect(await logindIdle(inUse, () => 0).read(never)).toBe(0)
  const idle = new FakeBus({
    'org.freedesktop.login1 IdleHint': true,
    'org.freedesktop.login1 IdleSinceHint': 1_000_000_000,
    'org.freedesktop.login1 LockedHint': true
  })
  expect(await logindIdle(idle, () => 1_060_000).read(never)).toBe(60_000)
  // The clock was set back meanwhile.
  expect(await logindIdle(idle, () => 900_000).read(never)).toBe(0)
  expect(await logindLocked(idle).read(never)).toBe(true)
})

test.each([
  [1, true],
  [2, false],
  [3, true],
  [4, false]
])('NetworkManager’s %d means metered: %s', async (answer, expected) => {
  const bus = new FakeBus({ 'org.freedesktop.NetworkManager Metered': answer })
  expect(await networkManagerMetered(bus).read(never)).toBe(expected)
})

test('what NetworkManager does not know either is not known', async () => {
  const bus = new FakeBus({ 'org.freedesktop.NetworkManager Metered': 0 })
  await expect(networkManagerMetered(bus).read(never)).rejects.toMatchObject({
    reason: 'unsupported'
  })
})

test('the battery saver, by the service’s old name', async () => {
  const bus = new FakeBus({ 'net.hadess.PowerProfiles ActiveProfile': 'power-saver' })
  const [first, second] = powerProfileSavers(bus)
  if (first === undefined || second === undefined) throw new Error('two names')
  const source = firstSource([first, second])
  expect(await source.read(never)).toBe(true)
  bus.answers['net.hadess.PowerProfiles ActiveProfile'] = 'balanced'
  expect(await source.read(never)).toBe(false)
})

test('the first that works is kept; when it fails the others are tried; when none works, all rest', async () => {
  let now = 0
  const bus = new FakeBus({ 'org.kde.screensaver GetSessionIdleTime': 5 })
  const source = firstSource([mutterIdle(bus), kdeIdle(bus)], () => now)
  expect(await source.read(never)).toBe(5)
  expect(source.source).toBe('KDE')
  bus.calls.length = 0
  await source.read(never)
  expect(bus.calls).toEqual(['GetSessionIdleTime'])
  delete bus.answers['org.kde.screensaver GetSessionIdleTime']
  await expect(source.read(never)).rejects.toMatchObject({ reason: 'unsupported' })
  bus.calls.length = 0
  await expect(source.read(never)).rejects.toMatchObject({ reason: 'unsupported' })
  expect(bus.calls).toEqual([])
  now = 60_000
  bus.answers['org.gnome.Mutter.IdleMonitor GetIdletime'] = 9
  bus.answers['org.gnome.Mutter.IdleMonitor AddUserActiveWatch'] = 1
  expect(await source.read(never)).toBe(9)
  expect(source.source).toBe('GNOME')
})
