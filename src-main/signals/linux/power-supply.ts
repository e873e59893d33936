import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Unavailable, type SignalSource } from '../signal-source.ts'

/** What the kernel tells of one power supply: the files of `/sys/class/power_supply/<name>`. */
export interface PowerSupply {
  /** `Mains`, `Battery`, `USB`, `UPS`, `Wireless`. */
  readonly type: string
  /** `Device`: the battery of a mouse or of a headset. */
  readonly scope: string | undefined
  /** Of a supply from outside: `1` while it is plugged in, `2` while it is and its power can be chosen. */
  readonly online: string | undefined
  /** Of a battery: `Discharging`, `Charging`, `Full`, `Not charging`, `Unknown`. */
  readonly status: string | undefined
}

/** Whether a computer with these supplies runs on its battery. A computer without one never does. */
export function isOnBattery(supplies: readonly PowerSupply[]): boolean {
  const own = supplies.filter(({ scope }) => scope !== 'Device')
  const batteries = own.filter(({ type }) => type === 'Battery' || type === 'UPS')
  if (batteries.length === 0) return false
  if (batteries.some(({ status }) => status === 'Discharging')) return true
  const outside = own.filter(({ type }) => type !== 'Battery' && type !== 'UPS')
  const isPlugged = outside.some(({ online }) => online === '1' || online === '2')
  // With nothing plugged in, a battery of unknown status is what there is.
  return !isPlugged && batteries.some(({ status }) => status !== 'Full' && status !== 'Charging')
}

export function powerSupplySource(folder = '/sys/class/power_supply'): SignalSource<'onBattery'> {
  return {
    source: folder,
    everyMs: 2000,
    read: async () => isOnBattery(await readSupplies(folder))
  }
}

async function readSupplies(folder: string): Promise<readonly PowerSupply[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new Unavailable('unsupported', undefined, { cause: error })
  })
  return Promise.all(
    names.map(async (name) => {
      const value = (file: string): Promise<string | undefined> =>
        readFile(path.join(folder, name, file), 'utf8').then(
          (text) => text.trim(),
          () => undefined
        )
      return {
        type: (await value('type')) ?? 'Unknown',
        scope: await value('scope'),
        online: await value('online'),
        status: await value('status')
      }
    })
  )
}
