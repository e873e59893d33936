import { Unavailable, type SignalSource } from '../signal-source.ts'
import type { DbusCaller } from './dbus.ts'

/** What NetworkManager says of the main connection: `NMMetered` of its interface description. */
const meteredAnswers: ReadonlyMap<unknown, boolean> = new Map([
  [1, true],
  [2, false],
  // Guessed: a phone's hotspot, or a line that gives no sign of being one.
  [3, true],
  [4, false]
])

export function networkManagerMetered(bus: DbusCaller): SignalSource<'metered'> {
  return {
    source: 'NetworkManager',
    everyMs: 5000,
    async read() {
      const answer = await bus.property({
        service: 'org.freedesktop.NetworkManager',
        path: '/org/freedesktop/NetworkManager',
        interface: 'org.freedesktop.NetworkManager',
        member: 'Metered'
      })
      const isMetered = meteredAnswers.get(answer)
      if (isMetered === undefined) throw new Unavailable('unsupported', 'not known to it either')
      return isMetered
    }
  }
}

/** The service changed its name when UPower took it in. */
const profileServices = [
  {
    service: 'org.freedesktop.UPower.PowerProfiles',
    path: '/org/freedesktop/UPower/PowerProfiles',
    interface: 'org.freedesktop.UPower.PowerProfiles'
  },
  {
    service: 'net.hadess.PowerProfiles',
    path: '/net/hadess/PowerProfiles',
    interface: 'net.hadess.PowerProfiles'
  }
] as const

/** One source for each name of the service; a desktop's battery saver is its profile `power-saver`. */
export function powerProfileSavers(bus: DbusCaller) {
  return profileServices.map((service) => ({
    source: 'power-profiles-daemon',
    everyMs: 5000,
    async read() {
      const profile = await bus.property({ ...service, member: 'ActiveProfile' })
      if (typeof profile !== 'string') throw new Unavailable('failed')
      return profile === 'power-saver'
    }
  }))
}
