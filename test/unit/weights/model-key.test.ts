import { writeFileSync } from 'node:fs'
import path from 'node:path'
import Hypercore from 'hypercore'
import { describe, expect, test } from 'vitest'
import { openFileSource } from '#model/byte-source.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { blockBytes, blockLength, blocksOf } from '#weights/block-size.ts'
import { modelKeyOf } from '#weights/model-key.ts'

describe('the key of a model', () => {
  test.each([1, blockBytes - 1, blockBytes, blockBytes + 1, 16 * blockBytes, 41 * blockBytes + 7])(
    'of %i bytes is the key of a Hypercore of its blocks that nobody signs',
    async (size) => {
      const bytes = patterned(size)
      expect(await keyOfFile(bytes)).toBe(await keyByHypercore(bytes))
    }
  )

  test('changes with a single bit', async () => {
    const bytes = patterned(3 * blockBytes)
    const before = await keyOfFile(bytes)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    expect(await keyOfFile(bytes)).not.toBe(before)
  })

  test('can be cancelled, and tells how far it is', async () => {
    const stop = new AbortController()
    const done: number[] = []
    const hashing = keyOfFile(patterned(40 * blockBytes), {
      signal: stop.signal,
      onProgress: (bytes) => {
        done.push(bytes)
        stop.abort()
      }
    })
    await expect(hashing).rejects.toMatchObject({ code: 'cancelled' })
    expect(done).toEqual([16 * blockBytes])
  })

  test('is refused for an empty file', async () => {
    await expect(keyOfFile(new Uint8Array())).rejects.toMatchObject({ code: 'weights-malformed' })
  })
})

function patterned(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8) * 7) & 255)
}

async function keyOfFile(
  bytes: Uint8Array,
  options?: Parameters<typeof modelKeyOf>[1]
): Promise<string> {
  const file = path.join(temporaryFolder(), 'model.gguf')
  writeFileSync(file, bytes)
  const source = await openFileSource(file)
  try {
    return await modelKeyOf(source, options)
  } finally {
    await source.close()
  }
}

/** Hypercore's own tree over the same blocks. */
async function keyByHypercore(bytes: Uint8Array): Promise<string> {
  const core = new Hypercore(temporaryFolder())
  const blocks = Array.from({ length: blocksOf(bytes.length) }, (_, index) => {
    const start = index * blockBytes
    return bytes.subarray(start, start + blockLength(index, bytes.length))
  })
  await core.append(blocks)
  const hash = await core.treeHash()
  await core.close()
  const manifest = {
    version: 1,
    hash: 'blake2b',
    allowPatch: false,
    quorum: 0,
    signers: [],
    prologue: { hash, length: blocks.length },
    linked: null,
    userData: null
  } as const
  return Buffer.from(Hypercore.key(manifest)).toString('hex')
}
