import { statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readControlFile, removeControlFile, writeControlFile } from '#settings/control-file.ts'
import { loadIdentitySeed } from '#settings/identity.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const token = 'a'.repeat(43)

test('a peer keeps its identity, and two peers have different ones', () => {
  const file = path.join(temporaryFolder(), 'identity.json')
  const seed = loadIdentitySeed(file)
  expect(seed).toHaveLength(32)
  expect(loadIdentitySeed(file)).toEqual(seed)
  expect(loadIdentitySeed(path.join(temporaryFolder(), 'identity.json'))).not.toEqual(seed)
})

test('a damaged identity is an error, never silently a new peer', () => {
  const file = path.join(temporaryFolder(), 'identity.json')
  writeFileSync(file, '{"version":1,"seed":"12"}')
  expect(() => loadIdentitySeed(file)).toThrow(
    expect.objectContaining({ code: 'identity-unreadable' })
  )
})

test('the control file says where the node runs, until it is removed', () => {
  const file = path.join(temporaryFolder(), 'control.json')
  expect(() => readControlFile(file)).toThrow(expect.objectContaining({ code: 'not-running' }))
  writeControlFile(file, { pid: 7, port: 80, token })
  expect(readControlFile(file)).toEqual({ version: 1, pid: 7, port: 80, token })
  removeControlFile(file)
  expect(() => readControlFile(file)).toThrow(expect.objectContaining({ code: 'not-running' }))
})

test.skipIf(process.platform === 'win32')('secrets are readable by their owner only', () => {
  const folder = temporaryFolder()
  const identity = path.join(folder, 'identity.json')
  const control = path.join(folder, 'control.json')
  loadIdentitySeed(identity)
  writeControlFile(control, { pid: 7, port: 80, token })
  for (const file of [identity, control]) expect(statSync(file).mode & 0o777).toBe(0o600)
})
