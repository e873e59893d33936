import { join } from 'node:path'
import { expect, test } from 'vitest'
import { VocabularyModel } from '#engine/child/vocabulary-model.ts'
import { openFileSource } from '#model/byte-source.ts'
import { carveVocabulary } from '#model/carve.ts'
import { readGguf } from '#model/gguf.ts'
import { TokenText } from '#model/token-text.ts'
import { parityModels } from '#test/support/models/parity-models.ts'
import { writeRandomModel } from '#test/support/models/random-model.ts'
import { tinyTokenizer } from '#test/support/models/tokenizer.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

test('a carved vocabulary is all that llama.cpp needs to turn text into tokens and back', async () => {
  const folder = temporaryFolder()
  const model = join(folder, 'model.gguf')
  const spec = parityModels['llama F32']
  if (spec === undefined) throw new RangeError('llama F32')
  await writeRandomModel(model, { ...spec, tokenizer: tinyTokenizer(300) })
  const source = await openFileSource(model)
  const file = join(folder, 'vocabulary.gguf')
  await carveVocabulary(source, await readGguf(source), file)
  await source.close()

  const vocabulary = new VocabularyModel(file)
  try {
    const table = vocabulary.table()
    expect(table.offsets).toHaveLength(301)
    expect([table.bos, table.eos]).toEqual([1, 2])
    expect(table.chatTemplate).toContain('messages')
    const options = { addSpecial: false, parseSpecial: false }
    const tokens = [...vocabulary.tokenize('ä🙂!', options)]
    const text = new TokenText(table)
    // SentencePiece puts a space before the first word and writes it as U+2581; all of it in byte tokens here.
    expect(tokens.map((token) => text.push(token)).join('') + text.end()).toBe('\u2581ä🙂!')
  } finally {
    vocabulary.close()
  }
})
