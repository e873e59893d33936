import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { settingsSchema } from '#contract/settings.ts'
import { openSettings } from '#settings/settings-store.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const versionOne = fileURLToPath(new URL('../../fixtures/settings/version-1.json', import.meta.url))

test('a file of version 1 keeps what it says, gets the limits’ defaults, and is stored as version 2', () => {
  const file = path.join(temporaryFolder(), 'settings.json')
  copyFileSync(versionOne, file)
  const store = openSettings(file)
  const expected = {
    ...settingsSchema.parse({}),
    lending: true,
    uploadKilobytesPerSecond: 250,
    uploadGigabytesPerMonth: 40,
    apiPort: 4180,
    threads: 3,
    contextTokens: 4096
  }
  expect(store.setAside).toBeUndefined()
  expect(store.current).toEqual(expected)
  store.set('gpuCelsius', 70)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    version: 2,
    ...expected,
    gpuCelsius: 70
  })
})

test('the first files of version 1 had four settings', () => {
  const file = path.join(temporaryFolder(), 'settings.json')
  writeFileSync(file, '{"version":1,"lending":true,"apiPort":0,"threads":2,"contextTokens":512}')
  expect(openSettings(file).current).toMatchObject({ lending: true, threads: 2, idleMinutes: 5 })
})

test('a preset brings its settings, and a change of one of them makes it custom', () => {
  const store = openSettings(path.join(temporaryFolder(), 'settings.json'))
  expect(store.current.preset).toBe('balanced')
  store.set('preset', 'at-night')
  expect(store.current.computeSchedule).toBe('23:00-07:00')
  store.set('gpuCelsius', 70)
  expect(store.current.preset).toBe('at-night')
  store.set('computeSchedule', 'sat,sun')
  expect(store.current).toMatchObject({ preset: 'custom', computeSchedule: 'sat,sun' })
  store.set('preset', 'balanced')
  expect(store.current).toMatchObject({ preset: 'balanced', computeSchedule: 'always' })
})

test('the presets’ names bring what the defaults are for "balanced"', () => {
  const store = openSettings(path.join(temporaryFolder(), 'settings.json'))
  const defaults = store.current
  store.set('preset', 'invisible')
  expect(store.set('preset', 'balanced')).toEqual(defaults)
})
