import { appendFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { KnownKeys } from '#weights/known-keys.ts'

it('remembers a file’s key while the file stays as it is, and finds it anew when it changes', async () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'model.gguf')
  writeFileSync(file, 'a model')
  const keys = new KnownKeys(path.join(folder, 'cache', 'keys.json'))
  let reads = 0
  const onProgress = (): void => {
    reads++
  }
  const first = await keys.keyOf(file, { onProgress })
  expect(await keys.keyOf(file, { onProgress })).toBe(first)
  expect(reads).toBe(1)
  appendFileSync(file, 'x')
  expect(await keys.keyOf(file, { onProgress })).not.toBe(first)
  expect(reads).toBe(2)
})
