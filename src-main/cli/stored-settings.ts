import type { SettingName, Settings } from '#contract/settings.ts'
import { createHome, homeAt } from '#settings/home.ts'
import { lockHome } from '#settings/home-lock.ts'
import { openSettings } from '#settings/settings-store.ts'
import type { CommandIo } from './command-io.ts'
import { findNode } from './running-node.ts'

/** As the running node has them, else as they are stored. */
export async function readSettings(io: CommandIo): Promise<Settings> {
  const node = await findNode(io.homeFolder)
  if (node === undefined) return openSettings(homeAt(io.homeFolder).settingsFile).current
  try {
    return await node.client.call('settings.get', {}, io.signal)
  } finally {
    node.close()
  }
}

/** At once where a node runs. Throws `invalid-input`. */
export async function writeSetting(
  io: CommandIo,
  name: SettingName,
  value: boolean | number | string
): Promise<Settings> {
  const node = await findNode(io.homeFolder)
  if (node === undefined) return writeFile(io.homeFolder, name, value)
  try {
    return await node.client.call('settings.set', { name, value }, io.signal)
  } finally {
    node.close()
  }
}

/** No node runs; the lock keeps one from starting between reading and writing. */
function writeFile(
  homeFolder: string,
  name: SettingName,
  value: boolean | number | string
): Settings {
  const home = homeAt(homeFolder)
  createHome(home)
  const lock = lockHome(home.lockFile)
  try {
    return openSettings(home.settingsFile).set(name, value)
  } finally {
    lock.release()
  }
}
