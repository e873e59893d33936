import {
  appendFileSync,
  closeSync,
  copyFileSync,
  cpSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ImportProgress } from '#contract/weights.ts'
import { openFileSource } from '#model/byte-source.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { diskUse, modelFile, openStore } from '#test/support/weights/store-fixture.ts'
import { blockBytes, blocksOf } from '#weights/block-size.ts'
import { identify } from '#weights/file-identity.ts'
import { readModelFile } from '#weights/import-file.ts'
import { ImportJournal } from '#weights/import-journal.ts'
import { modelKeyOf } from '#weights/model-key.ts'
import { keyOf } from '#weights/static-core.ts'
import { WeightsStore } from '#weights/weights-store.ts'

describe('adding a file', () => {
  test('gives the model under the key of its bytes, and its bytes back', async () => {
    const file = await modelFile()
    const store = await openStore()
    const progress: ImportProgress[] = []
    const model = await store.importFile(file, { onProgress: (it) => progress.push(it) })

    const bytes = readFileSync(file)
    expect(model).toMatchObject({
      info: { key: await keyOfFile(file), architecture: 'llama', layers: 4, bytes: bytes.length },
      fileName: 'random-1.gguf',
      path: file,
      state: 'whole'
    })
    expect(progress.at(-1)).toMatchObject({ phase: 'reading', doneBytes: bytes.length })
    const source = store.source(model.info.key)
    expect(bytes.equals(await source.read(0, source.size))).toBe(true)
    expect(Buffer.from(await source.read(blockBytes - 5, 10))).toEqual(
      bytes.subarray(blockBytes - 5, blockBytes + 5)
    )
  })

  test('makes no second copy of the bytes', async () => {
    const folder = temporaryFolder()
    const file = await modelFile()
    const store = await WeightsStore.open(folder)
    await store.importFile(file)
    await store.close()
    // RocksDB's own files are some 100 KB, whatever the model: 2 % and that.
    expect(diskUse(folder)).toBeLessThan(readFileSync(file).length * 0.02 + 200_000)
  })

  test('is remembered by the next process', async () => {
    const folder = temporaryFolder()
    const first = await WeightsStore.open(folder)
    const model = await first.importFile(await modelFile())
    await first.close()
    expect(await (await openStore(folder)).models()).toEqual([model])
  })

  test('reads nothing again when the same file is added again', async () => {
    const file = await modelFile()
    const store = await openStore()
    const first = await store.importFile(file)
    const progress: ImportProgress[] = []
    expect(await store.importFile(file, { onProgress: (it) => progress.push(it) })).toEqual(first)
    expect(progress).toEqual([])
  })

  test('twice at once reads the file once', async () => {
    const file = await modelFile()
    const store = await openStore()
    const progress: ImportProgress[] = []
    const options = { onProgress: (it: ImportProgress) => void progress.push(it) }
    const [one, two] = await Promise.all([
      store.importFile(file, options),
      store.importFile(file, options)
    ])
    expect(one).toEqual(two)
    const wholes = progress.filter(({ doneBytes, totalBytes }) => doneBytes === totalBytes)
    expect(wholes).toHaveLength(1)
  })

  test('keeps one model when its bytes are added from another place', async () => {
    const file = await modelFile()
    const store = await openStore()
    await store.importFile(file)
    const copy = path.join(temporaryFolder(), 'copy.gguf')
    copyFileSync(file, copy)
    await store.importFile(copy)
    expect(await store.models()).toMatchObject([{ path: copy, state: 'whole' }])
  })

  test.each([
    ['no-such.gguf', undefined, 'model-not-found'],
    ['empty.gguf', Buffer.alloc(0), 'gguf-not-gguf'],
    ['text.gguf', Buffer.from('This is no model, whatever its name says.'), 'gguf-not-gguf'],
    [
      'header.gguf',
      Buffer.concat([Buffer.from('GGUF\x03\0\0\0'), Buffer.alloc(16, 255)]),
      'gguf-too-large'
    ]
  ])('refuses %s', async (name, bytes, code) => {
    const file = path.join(temporaryFolder(), name)
    if (bytes !== undefined) writeFileSync(file, bytes)
    const store = await openStore()
    await expect(store.importFile(file)).rejects.toMatchObject({ code })
    expect(await store.models()).toEqual([])
  })

  test('refuses a part of a model that was split, and says what to do', async () => {
    const store = await openStore()
    const part = await modelFile(1, temporaryFolder(), [['split.count', 'u16', 3]])
    const failed = store.importFile(part)
    await expect(failed).rejects.toMatchObject({ code: 'model-split' })
    expect(await store.models()).toEqual([])
  })

  test('refuses a file that lost its end', async () => {
    const file = await modelFile()
    writeFileSync(file, readFileSync(file).subarray(0, -1000))
    const store = await openStore()
    await expect(store.importFile(file)).rejects.toMatchObject({ code: 'gguf-truncated' })
  })
})

describe('an interrupted import', () => {
  test('goes on behind what it had read', async () => {
    const file = await identify(await modelFile())
    const journal = new ImportJournal(temporaryFolder(), file.path, 4)
    await expect(readAndStop(journal, file.path)).rejects.toMatchObject({ code: 'cancelled' })

    const phases: string[] = []
    const manifest = await readModelFile(file, journal, {
      onProgress: ({ phase, doneBytes }) => phases.push(`${phase} ${doneBytes / blockBytes}`)
    })
    expect(keyOf(manifest)).toBe(await keyOfFile(file.path))
    // 16 blocks were read; the last checkpoint of 4 counts as lost.
    expect(phases[0]).toBe('reading 28')
  })

  test('begins again when the file is another one now', async () => {
    const path = await modelFile()
    const journal = new ImportJournal(temporaryFolder(), path, 4)
    await expect(readAndStop(journal, path)).rejects.toMatchObject({ code: 'cancelled' })
    writeFileSync(path, readFileSync(await modelFile(2)))
    utimesSync(path, 1, 1)
    expect(keyOf(await readModelFile(await identify(path), journal))).toBe(await keyOfFile(path))
  })

  test('does not trust hashes that were half written', async () => {
    const file = await identify(await modelFile())
    const folder = temporaryFolder()
    const journal = new ImportJournal(folder, file.path, 4)
    await readModelFile(file, journal)
    const hashes = path.join(
      folder,
      readdirSync(folder).find((name) => name.endsWith('.hashes')) ?? ''
    )
    const handle = openSync(hashes, 'r+')
    // A power cut left zeros where the last checkpoint should be.
    writeSync(handle, Buffer.alloc(3 * 32), 0, 3 * 32, (blocksOf(file.bytes) - 3) * 32)
    closeSync(handle)
    expect(keyOf(await readModelFile(file, journal))).toBe(await keyOfFile(file.path))
  })

  test('is refused when the file grows meanwhile', async () => {
    const file = await identify(await modelFile())
    const journal = new ImportJournal(temporaryFolder(), file.path)
    const reading = readModelFile(file, journal, {
      onProgress: () => appendFileSync(file.path, 'more')
    })
    await expect(reading).rejects.toMatchObject({ code: 'model-file-changed' })
  })
})

describe('a file under a stored model', () => {
  test('that changed is not given to anybody, and is told', async () => {
    const file = await modelFile()
    const store = await openStore()
    const { info } = await store.importFile(file)
    const bytes = readFileSync(file)
    bytes[5 * blockBytes] = (bytes[5 * blockBytes] ?? 0) ^ 1
    writeFileSync(file, bytes)

    const source = store.source(info.key)
    await expect(source.read(5 * blockBytes, 1)).rejects.toMatchObject({
      code: 'model-file-changed'
    })
    expect(await store.model(info.key)).toMatchObject({ state: 'file-changed' })
    const blocks = blocksOf(bytes.length)
    expect(await store.verify(info.key)).toEqual({ checkedBlocks: blocks, damagedBlocks: 1 })
    // Forgotten: it would be fetched again, and is not offered.
    expect(await store.verify(info.key)).toEqual({ checkedBlocks: blocks - 1, damagedBlocks: 0 })
  })

  test('that is gone is told, and used again when it comes back', async () => {
    const file = await modelFile()
    const bytes = readFileSync(file)
    const folder = temporaryFolder()
    const first = await WeightsStore.open(folder)
    const { info } = await first.importFile(file)
    await first.close()
    rmSync(file)
    const store = await openStore(folder)
    expect(await store.model(info.key)).toMatchObject({ state: 'file-missing' })
    await expect(store.source(info.key).read(0, 1)).rejects.toMatchObject({
      code: 'model-file-changed'
    })
    writeFileSync(file, bytes)
    expect(Buffer.from(await store.source(info.key).read(0, 4)).toString()).toBe('GGUF')
  })
})

describe('a store', () => {
  test('belongs to one process at a time', async () => {
    const folder = temporaryFolder()
    await openStore(folder)
    await expect(WeightsStore.open(folder)).rejects.toMatchObject({ code: 'weights-in-use' })
  })

  test('can be moved with the data folder', async () => {
    const folder = path.join(temporaryFolder(), 'before')
    const first = await WeightsStore.open(folder)
    const model = await first.importFile(await modelFile())
    await first.close()
    const moved = path.join(temporaryFolder(), 'after')
    cpSync(folder, moved, { recursive: true })
    rmSync(folder, { recursive: true })
    const store = await openStore(moved)
    expect(await store.models()).toEqual([model])
    expect(await store.verify(model.info.key)).toMatchObject({ damagedBlocks: 0 })
  })

  test('of a newer Skein is left alone', async () => {
    const folder = temporaryFolder()
    writeFileSync(path.join(folder, 'store.json'), '{"version":3}')
    await expect(WeightsStore.open(folder)).rejects.toMatchObject({ code: 'weights-newer' })
  })

  test('forgets a model that is removed, and leaves the file', async () => {
    const file = await modelFile()
    const folder = temporaryFolder()
    const store = await openStore(folder)
    const { info } = await store.importFile(file)
    await store.remove(info.key)
    expect(await store.models()).toEqual([])
    expect(readFileSync(file).length).toBe(info.bytes)
    expect(await store.importFile(file)).toMatchObject({ state: 'whole' })
  })

  test('goes on without a model whose record is damaged', async () => {
    const folder = temporaryFolder()
    const first = await WeightsStore.open(folder)
    const one = await first.importFile(await modelFile(1))
    const two = await first.importFile(await modelFile(2))
    await first.close()
    writeFileSync(path.join(folder, 'models', `${one.info.key}.json`), '{"version":')
    expect(await (await openStore(folder)).models()).toEqual([two])
  })
})

async function keyOfFile(file: string): Promise<string> {
  const source = await openFileSource(file)
  try {
    return await modelKeyOf(source)
  } finally {
    await source.close()
  }
}

async function readAndStop(journal: ImportJournal, file: string): Promise<void> {
  const stop = new AbortController()
  await readModelFile(await identify(file), journal, {
    signal: stop.signal,
    onProgress: () => stop.abort()
  })
}
