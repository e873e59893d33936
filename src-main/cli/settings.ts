import { SkeinError } from '#contract/errors.ts'
import { settingNames, type SettingName, type Settings } from '#contract/settings.ts'
import { createHome, homeAt } from '#settings/home.ts'
import { lockHome } from '#settings/home-lock.ts'
import { openSettings } from '#settings/settings-store.ts'
import type { CommandIo } from './command-io.ts'
import { findNode } from './running-node.ts'

/** All settings, or the one that is named. */
export async function runSettingsGet(io: CommandIo, name: string | undefined): Promise<void> {
  const settings = await readSettings(io)
  const names = name === undefined ? settingNames : [parseName(name)]
  const shown = Object.fromEntries(names.map((each) => [each, settings[each]]))
  io.print(names.map((each) => `${each} = ${String(settings[each])}`).join('\n'), shown)
}

/** Changes one setting, at once where a node runs. Throws `invalid-input`. */
export async function runSettingsSet(io: CommandIo, name: string, value: string): Promise<void> {
  const known = parseName(name)
  const settings = await writeSetting(io, known, parseValue(value))
  io.print(`${known} = ${String(settings[known])}`, { [known]: settings[known] })
}

async function readSettings(io: CommandIo): Promise<Settings> {
  const node = await findNode(io.homeFolder)
  if (node === undefined) return openSettings(homeAt(io.homeFolder).settingsFile).current
  try {
    return await node.client.call('settings.get', {}, io.signal)
  } finally {
    node.close()
  }
}

async function writeSetting(
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

function parseName(name: string): SettingName {
  const known = settingNames.find((each) => each === name)
  if (known !== undefined) return known
  throw new SkeinError('invalid-input', `${name} is none of ${settingNames.join(', ')}`)
}

function parseValue(text: string): boolean | number | string {
  if (text === 'true' || text === 'on' || text === 'yes') return true
  if (text === 'false' || text === 'off' || text === 'no') return false
  const number = Number(text)
  return text.trim() === '' || Number.isNaN(number) ? text : number
}
