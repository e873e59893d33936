import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { modelKeySchema } from '#contract/model.ts'
import type { StoredModel } from '#contract/weights.ts'
import { fakeModel } from '#test/support/fakes/fake-swarm.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { chooseModel } from '../../../src-main/node/models/choose-model.ts'

const info = { ...fakeModel, key: modelKeySchema.parse('abc123'.padEnd(64, '0')), name: 'Big One' }
const twin = { ...info, key: modelKeySchema.parse('abc124'.padEnd(64, '0')) }
const stored = (model: typeof info, fileName: string): StoredModel => ({
  info: model,
  fileName,
  addedAt: '2026-11-22T00:00:00.000Z',
  state: 'whole',
  seeding: true
})
const kept = [stored(info, 'big.gguf')]
const unknown = '5'.repeat(64)
const range = { first: 1, end: 2 }

test.each(['big-one', 'BIG ONE', info.key, 'abc123', 'big.gguf'])('%s is the model', (asked) => {
  expect(chooseModel([fakeModel, info], kept, asked, range)).toEqual({ info })
})

test('a key that is not known here is fetched, the layers that are wanted of it', () => {
  expect(chooseModel([], [], unknown.toUpperCase(), range)).toEqual({
    task: { kind: 'fetch', model: unknown, range }
  })
})

test('a file and an address are added', () => {
  const file = path.join(temporaryFolder(), 'mine.gguf')
  writeFileSync(file, '')
  expect(chooseModel([], [], file, undefined)).toEqual({ task: { kind: 'add', source: file } })
  const address = 'hf:owner/repository/m.gguf'
  expect(chooseModel([], [], address, range)).toEqual({ task: { kind: 'add', source: address } })
})

test('anything else is unknown, and what stands for several is refused', () => {
  const choose = (asked: string): unknown =>
    chooseModel([], [...kept, stored(twin, 'twin.gguf')], asked, undefined)
  expect(() => choose('gpt-9')).toThrow(expect.objectContaining({ code: 'model-unknown' }))
  expect(() => choose('big one')).toThrow(expect.objectContaining({ code: 'invalid-input' }))
})
