import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openFileLogger } from '#log/file-logger.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

const lines = (name: string): unknown[] =>
  readFileSync(path.join(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))

test('a line is one JSON object with time, level, message and fields; lower levels are left out', () => {
  const log = openFileLogger({ folder, level: 'info', now: () => 0 })
  log.debug('not this')
  log.info('stage ready', { layers: 3, device: 'cpu' })
  log.close()
  expect(lines('skein.log')).toEqual([
    {
      time: '1970-01-01T00:00:00.000Z',
      level: 'info',
      pid: process.pid,
      message: 'stage ready',
      layers: 3,
      device: 'cpu'
    }
  ])
})

test('a newline in a message cannot forge a second line', () => {
  const log = openFileLogger({ folder, level: 'info' })
  log.warn('one\n{"level":"error"}')
  log.close()
  expect(lines('skein.log')).toHaveLength(1)
})

test('files are put aside at their size, and only three of them are kept', () => {
  const log = openFileLogger({ folder, level: 'info', maxBytes: 200 })
  for (let index = 0; index < 40; index++) log.info('x'.repeat(100), { index })
  log.close()
  expect(readdirSync(folder).sort()).toEqual([
    'skein.1.log',
    'skein.2.log',
    'skein.3.log',
    'skein.log'
  ])
  expect(lines('skein.log').at(-1)).toMatchObject({ index: 39 })
})

test('a new logger goes on in the same file', () => {
  for (const message of ['first', 'second']) {
    const log = openFileLogger({ folder, level: 'info' })
    log.info(message)
    log.close()
  }
  expect(lines('skein.log')).toMatchObject([{ message: 'first' }, { message: 'second' }])
})

test('a folder that cannot be written costs the lines, not the program', () => {
  const file = path.join(folder, 'a-file')
  writeFileSync(file, '')
  const log = openFileLogger({ folder: path.join(file, 'logs'), level: 'debug' })
  expect(() => {
    log.error('nowhere to go')
    log.close()
  }).not.toThrow()
})
