import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVocabulary, type VocabularyProcess } from '#engine/vocabulary.ts'
import { openFileSource } from '#model/byte-source.ts'
import { carveVocabulary } from '#model/carve.ts'
import { readGguf } from '#model/gguf.ts'
import { engineEntry, isAlive } from '#test/support/engine/engine-entry.ts'
import { tinyShape, tinySpec, writeTinyModel } from '#test/support/engine/tiny-model.ts'

let folder: string
let vocabulary: VocabularyProcess

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'skein-vocabulary-'))
  const model = await writeTinyModel(folder)
  const source = await openFileSource(model.file)
  const file = path.join(folder, 'vocabulary.gguf')
  await carveVocabulary(source, await readGguf(source), file)
  await source.close()
  vocabulary = await startVocabulary({ file, entry: engineEntry })
})
afterAll(async () => {
  await vocabulary.close()
  await rm(folder, { recursive: true, force: true })
})

const plain = { addSpecial: false, parseSpecial: false }

/** The tokens' own bytes, put together. This vocabulary has no token for a space, so SentencePiece's mark stays. */
function textOf(tokens: Int32Array): string {
  const { offsets, bytes } = vocabulary.pieces
  const pieces = [...tokens].map((token) => bytes.subarray(offsets[token], offsets[token + 1]))
  return Buffer.concat(pieces).toString('utf8').replaceAll('▁', ' ')
}

describe('a vocabulary process', () => {
  it('knows the special tokens, the end and the chat template', () => {
    expect(vocabulary).toMatchObject({ size: tinySpec.vocabulary, bos: 1, eos: 2 })
    expect(vocabulary.eot).toBeUndefined()
    expect(vocabulary.isEndOfGeneration(2)).toBe(true)
    expect(vocabulary.isEndOfGeneration(1)).toBe(false)
    expect(vocabulary.chatTemplate).toContain('for m in messages')
  })

  it('has a piece for every token but the control tokens', () => {
    const { offsets } = vocabulary.pieces
    expect(offsets).toHaveLength(tinySpec.vocabulary + 1)
    expect(offsets[3]).toBe(0)
    expect([vocabulary.tokenText(1), vocabulary.tokenText(2)]).toEqual(['<s>', '</s>'])
    expect(vocabulary.tokenText(3 + 0x41)).toBe('A')
  })

  it('gives tokens whose pieces are the text again', async () => {
    for (const text of ['Hello', 'grüße, 世界 🦊', 'a\n\tb', 'nul \0 inside', '\u{10ffff}']) {
      const tokens = await vocabulary.tokenize(text, plain)
      // SentencePiece puts a space before the first word.
      expect(textOf(tokens)).toBe(` ${text}`)
    }
  })

  it('adds special tokens, and reads them in a text, only when told to', async () => {
    const text = '</s>'
    const written = await vocabulary.tokenize(text, plain)
    expect([...written]).not.toContain(2)
    const parsed = await vocabulary.tokenize(text, { addSpecial: true, parseSpecial: true })
    expect([...parsed]).toEqual([1, 2])
  })

  it('takes long texts and empty ones', async () => {
    const long = await vocabulary.tokenize('w5 '.repeat(100_000), plain)
    expect(textOf(long)).toHaveLength(300_000 + 1)
    expect(await vocabulary.tokenize('', plain)).toHaveLength(0)
  })

  it('refuses files without a vocabulary', async () => {
    const none = await writeTinyModel(await mkdtemp(path.join(folder, 'none-')), tinyShape)
    const text = path.join(folder, 'text.gguf')
    await writeFile(text, 'GGUF? No.')
    for (const file of [none.file, text, path.join(folder, 'missing.gguf')]) {
      await expect(startVocabulary({ file, entry: engineEntry })).rejects.toThrow(
        'engine-load-failed'
      )
    }
  })

  it('fails what waits when its process is killed', async () => {
    const other = await startVocabulary({
      file: path.join(folder, 'vocabulary.gguf'),
      entry: engineEntry
    })
    const exit = new Promise((resolve) => {
      other.onExit(resolve)
    })
    process.kill(other.pid, 'SIGKILL')
    await expect(other.tokenize('Hello', plain)).rejects.toThrow('engine-crashed')
    expect(await exit).toMatchObject({ expected: false, signal: 'SIGKILL' })
    expect(isAlive(other.pid)).toBe(false)
  })
})
