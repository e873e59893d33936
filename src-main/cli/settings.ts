import { SkeinError } from '#contract/errors.ts'
import { settingNotes } from '#contract/setting-notes.ts'
import {
  settingNames,
  settingsSchema,
  type SettingName,
  type Settings
} from '#contract/settings.ts'
import type { CommandIo } from './command-io.ts'
import { readSettings, writeSetting } from './stored-settings.ts'

/** All settings with their units, defaults and a line of help, or the value of the one that is named. */
export async function runSettingsGet(io: CommandIo, name: string | undefined): Promise<void> {
  const settings = await readSettings(io)
  const names = name === undefined ? settingNames : [parseName(name)]
  const shown = Object.fromEntries(names.map((each) => [each, settings[each]]))
  const line = name === undefined ? describe : plain
  io.print(names.map((each) => line(each, settings)).join('\n'), shown)
}

const defaults = settingsSchema.parse({})

function describe(name: SettingName, settings: Settings): string {
  const { unit, help } = settingNotes[name]
  const spoken = (value: Settings[SettingName]): string =>
    value === '' ? 'none' : `${spokenValue(value)}${unit === '' ? '' : ` ${unit}`}`
  return `${name} = ${spoken(settings[name])}  [${spoken(defaults[name])}]\n    ${help}`
}

function plain(name: SettingName, settings: Settings): string {
  return `${name} = ${spokenValue(settings[name])}`
}

/** As it is typed in. */
function spokenValue(value: Settings[SettingName]): string {
  if (typeof value !== 'boolean') return String(value)
  return value ? 'on' : 'off'
}

/** Changes one setting, at once where a node runs. Throws `invalid-input`. */
export async function runSettingsSet(io: CommandIo, name: string, value: string): Promise<void> {
  const known = parseName(name)
  const settings = await writeSetting(io, known, parseValue(known, value))
  io.print(plain(known, settings), { [known]: settings[known] })
}

function parseName(name: string): SettingName {
  const known = settingNames.find((each) => each === name)
  if (known !== undefined) return known
  throw new SkeinError('invalid-input', `${name} is none of ${settingNames.join(', ')}`)
}

/** A word, a number or a text, whichever the setting takes; what it takes none of is refused where it is stored. */
function parseValue(name: SettingName, text: string): boolean | number | string {
  const word = words.get(text)
  const number = text.trim() === '' ? Number.NaN : Number(text)
  const meanings = [text, ...(word === undefined ? [] : [word]), number]
  return meanings.find((each) => settingsSchema.shape[name].safeParse(each).success) ?? text
}

const words: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['on', true],
  ['yes', true],
  ['false', false],
  ['off', false],
  ['no', false]
])
