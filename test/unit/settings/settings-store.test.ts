import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openSettings } from '#settings/settings-store.ts'
import { settingsSchema } from '#contract/settings.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const defaultSettings = settingsSchema.parse({})
const settingsFile = (): string => path.join(temporaryFolder(), 'settings.json')

test('nothing is lent before the person said yes', () => {
  expect(openSettings(settingsFile()).current).toEqual(defaultSettings)
  expect(defaultSettings.lending).toBe(false)
})

test('a change is stored, told, and there after a restart', () => {
  const file = settingsFile()
  const store = openSettings(file)
  const heard: number[] = []
  const stopListening = store.onChange((settings) => heard.push(settings.threads))
  store.set('threads', 3)
  stopListening()
  store.set('threads', 4)
  expect(heard).toEqual([3])
  expect(store.current.threads).toBe(4)
  expect(openSettings(file).current).toEqual({ ...defaultSettings, threads: 4 })
})

test.each([
  ['threads', -1],
  ['apiPort', 70_000],
  ['lending', 'yes'],
  ['contextTokens', 4096.5],
  ['gpuCelsius', 101],
  ['gpuWatts', Number.NaN],
  ['keepFreeRamGigabytes', -1],
  ['computeSchedule', 'mon 25:00-26:00'],
  ['electricityTariff', 'cheap'],
  ['pauseUntil', 'tomorrow']
] as const)('%s refuses %s and keeps what was', (name, value) => {
  const file = settingsFile()
  const store = openSettings(file)
  expect(() => store.set(name, value)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  expect(store.current).toEqual(defaultSettings)
  expect(existsSync(file)).toBe(false)
})

test.each([
  ['cut short', '{"version":1,"lend'],
  ['empty', ''],
  ['from a later version', '{"version":3,"lending":{"gpu":true}}'],
  ['of version 2 and not as that is', '{"version":2,"lending":{"gpu":true}}'],
  ['half of it', '{"version":2,"lending":true,"gpuCel'],
  ['with a value out of range', '{"version":1,"threads":-5}'],
  ['not an object', '[]']
])('a file that is %s is put aside and the defaults hold', (_name, text) => {
  const file = settingsFile()
  writeFileSync(file, text)
  const store = openSettings(file)
  expect(store.current).toEqual(defaultSettings)
  expect(store.setAside).toBeDefined()
  expect(readFileSync(store.setAside ?? '', 'utf8')).toBe(text)
})

test('a good file is not put aside, and no temporary file is left', () => {
  const file = settingsFile()
  openSettings(file).set('lending', true)
  const store = openSettings(file)
  expect(store.setAside).toBeUndefined()
  expect(store.current.lending).toBe(true)
  expect(readdirSync(path.dirname(file))).toEqual(['settings.json'])
})
