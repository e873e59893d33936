import { appendFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import Hypercore from 'hypercore'
import { describe, expect, it } from 'vitest'
import { openFileSource } from '#model/byte-source.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { KnownKeys } from '#weights/known-keys.ts'
import { blockBytes, modelKeyOf } from '#weights/model-key.ts'

function bytesOf(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255))
}

/** The key by Hypercore itself: append the blocks, take its tree's hash. */
async function keyByHypercore(bytes: Buffer): Promise<string> {
  const core = new Hypercore(temporaryFolder())
  await core.ready()
  const count = Math.ceil(bytes.byteLength / blockBytes)
  const blocks = Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * blockBytes, (index + 1) * blockBytes)
  )
  await core.append(blocks)
  const prologue = { hash: await core.treeHash(), length: core.length }
  await core.close()
  const key = Hypercore.key({
    version: 1,
    hash: 'blake2b',
    allowPatch: false,
    quorum: 0,
    signers: [],
    prologue,
    linked: null,
    userData: null
  })
  return Buffer.from(key).toString('hex')
}

describe('a model’s key', () => {
  it.each([
    1,
    blockBytes,
    2 * blockBytes,
    3 * blockBytes + 17,
    7 * blockBytes,
    37 * blockBytes + 1
  ])('is the one that Hypercore gives to %i bytes', async (length) => {
    const bytes = bytesOf(length)
    const file = path.join(temporaryFolder(), 'model.gguf')
    writeFileSync(file, bytes)
    const source = await openFileSource(file)
    expect(await modelKeyOf(source)).toBe(await keyByHypercore(bytes))
    await source.close()
  })

  it('is remembered while the file stays as it is, and found anew when it changes', async () => {
    const folder = temporaryFolder()
    const file = path.join(folder, 'model.gguf')
    writeFileSync(file, bytesOf(3 * blockBytes))
    const keys = new KnownKeys(path.join(folder, 'cache', 'keys.json'))
    let reads = 0
    const onProgress = (): void => {
      reads++
    }
    const first = await keys.keyOf(file, { onProgress })
    expect(reads).toBe(1)
    expect(await keys.keyOf(file, { onProgress })).toBe(first)
    expect(reads).toBe(1)
    appendFileSync(file, 'x')
    expect(await keys.keyOf(file, { onProgress })).not.toBe(first)
    expect(reads).toBe(2)
  })

  it('stops when it is cancelled', async () => {
    const file = path.join(temporaryFolder(), 'model.gguf')
    writeFileSync(file, bytesOf(10))
    const source = await openFileSource(file)
    const signal = AbortSignal.abort()
    await expect(modelKeyOf(source, { signal })).rejects.toMatchObject({ code: 'cancelled' })
    await source.close()
  })
})
