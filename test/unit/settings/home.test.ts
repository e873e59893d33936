import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { createHome, defaultHomeFolder, homeAt } from '#settings/home.ts'
import { lockHome } from '#settings/home-lock.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

test('SKEIN_HOME names the folder; an empty one counts as none', () => {
  expect(defaultHomeFolder({ SKEIN_HOME: '/somewhere/else' })).toBe(path.resolve('/somewhere/else'))
  expect(defaultHomeFolder({ SKEIN_HOME: '' })).toBe(defaultHomeFolder({}))
  expect(defaultHomeFolder({})).toContain('Skein')
})

test.skipIf(process.platform === 'win32')('the folder is closed to other users', () => {
  const home = homeAt(path.join(temporaryFolder(), 'home'))
  createHome(home)
  expect(statSync(home.folder).mode & 0o077).toBe(0)
})

test('a folder that cannot be made is an error with a code', () => {
  const file = path.join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  expect(() => createHome(homeAt(path.join(file, 'home')))).toThrow(
    expect.objectContaining({ code: 'home-not-writable' })
  )
})

test('one node per folder; the next may come when the first is gone', () => {
  const lockFile = path.join(temporaryFolder(), 'lock')
  const first = lockHome(lockFile)
  expect(() => lockHome(lockFile)).toThrow(expect.objectContaining({ code: 'home-in-use' }))
  first.release()
  lockHome(lockFile).release()
})

test('a process that was killed leaves no lock behind', async () => {
  const lockFile = path.join(temporaryFolder(), 'lock')
  const holder = await startHolder(lockFile)
  expect(() => lockHome(lockFile)).toThrow(SkeinError)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  lockHome(lockFile).release()
})

async function startHolder(lockFile: string): Promise<ChildProcess> {
  const child = fork(new URL('./hold-lock.ts', import.meta.url), [lockFile])
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}
