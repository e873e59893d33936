import { describe, expect, test } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { modelKeySchema } from '#contract/model.ts'
import { describeModel } from '#model/describe-model.ts'
import { readGguf } from '#model/gguf.ts'
import { ggufLimits } from '#model/gguf-limits.ts'
import { MemorySource } from '#test/support/models/memory-source.ts'
import { mutate } from '#test/support/models/mutate.ts'
import { parityModels } from '#test/support/models/parity-models.ts'
import { randomModelBytes } from '#test/support/models/random-model.ts'
import { tinyTokenizer } from '#test/support/models/tokenizer.ts'

const mutationsPerSeed = 2500
/** Windows grow up to 1 MiB, so that much may be read in vain behind a header. */
const windowBytes = 1024 * 1024
const key = modelKeySchema.parse('0'.repeat(64))

/** Headers of four kinds of model; data is left out, so that mutations hit what is parsed. */
const headers = ['llama F32', 'gpt-oss', 'qwen3moe', 'gemma3, pattern not in the file'].map(
  (name) => headerOf(name)
)

function headerOf(name: string): Promise<Buffer> {
  const spec = parityModels[name]
  if (spec === undefined) throw new RangeError(name)
  const small = { ...spec, layers: 2, vocabulary: 270, tokenizer: tinyTokenizer(270) }
  const bytes = randomModelBytes(small)
  return readGguf(new MemorySource(bytes)).then((gguf) => bytes.subarray(0, gguf.dataOffset))
}

/** Reads like the product does. Returns what came of it; anything but a `SkeinError` of the model's codes throws. */
async function outcomeOf(source: MemorySource): Promise<string> {
  try {
    describeModel(await readGguf(source), { key, bytes: source.size, fileName: 'mutated.gguf' })
    return 'accepted'
  } catch (error) {
    if (error instanceof SkeinError && error.code.startsWith('gguf-')) return error.code
    throw error
  }
}

// Damaged headers with a gigabyte of zeros behind them: whatever they claim seems to be there.
describe.each([0, 1, 2, 3, 4, 5, 6, 7])('mutations of seed %i', (seed) => {
  test('end in a model or a clear error, having read no more than the limit', async () => {
    const header = await headers[seed % headers.length]
    if (header === undefined) throw new RangeError('no header')
    const outcomes = new Map<string, number>()
    let mostRead = 0
    for (let index = 0; index < mutationsPerSeed; index++) {
      const bytes = mutate(header, seed * mutationsPerSeed + index)
      const source = new MemorySource(bytes, seed < 4 ? 0 : 2 ** 30)
      const outcome = await outcomeOf(source)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      mostRead = Math.max(mostRead, source.bytesRead)
    }
    expect(mostRead).toBeLessThanOrEqual(ggufLimits.headerBytes + windowBytes)
    // A fuzz test that only ever sees one answer tests nothing.
    expect(outcomes.size).toBeGreaterThan(4)
  })
})
