import { expect, test } from 'vitest'
import { createChat } from '#chat/chat.ts'
import { nameModels, type ModelKeys } from '#chat/chat-model.ts'
import { generateRequestSchema, type GenerateInput } from '#contract/chat.ts'
import { modelKeySchema } from '#contract/model.ts'
import { fakeAnswer, fakeModel } from '#test/support/api/fake-answer.ts'

const other = {
  ...fakeModel,
  key: modelKeySchema.parse('12'.repeat(32)),
  name: 'Llama 3.2 1B (Q4_0)'
}

test('an alias is short and one model’s alone', () => {
  const twin = { ...other, key: modelKeySchema.parse('34'.repeat(32)) }
  const nameless = { ...fakeModel, name: '模型' }
  expect(nameModels([fakeModel, other, twin, nameless]).map((model) => model.alias)).toEqual([
    'skein-tiny',
    'llama-3.2-1b-q4-0',
    'llama-3.2-1b-q4-0-34343434',
    'model'
  ])
})

const never = AbortSignal.any([])

test('a model is found by key, alias or name; the first when nothing is asked for', async () => {
  const chat = createChat(() => [fakeModel, other], fakeAnswer([]).answer)
  for (const name of [other.key, 'llama-3.2-1b-q4-0', 'LLAMA 3.2 1b (Q4_0)']) {
    expect((await chat.find(name, never)).info).toBe(other)
  }
  expect((await chat.find(undefined, never)).info).toBe(fakeModel)
  await expect(chat.find('llama', never)).rejects.toMatchObject({ code: 'model-unknown' })
})

test('a model of which only the key is known is learned first; a name that is known never asks', async () => {
  const models = [fakeModel]
  const learned: ModelKeys[] = []
  const chat = createChat(() => models, fakeAnswer([]).answer, {
    ready: () => Promise.resolve(),
    learn: (keys) => {
      learned.push(keys)
      if (keys.key === other.key) models.push(other)
      return Promise.resolve()
    }
  })
  expect((await chat.find(fakeModel.key, never)).info).toBe(fakeModel)
  expect((await chat.find(other.key.toUpperCase(), never)).info).toBe(other)
  expect((await chat.find(other.key, never)).info).toBe(other)
  const nobodys = modelKeySchema.parse('9'.repeat(64))
  const names = [nobodys, `${other.key}+${nobodys}`, `${nobodys}+`, 'no-key', `no-key+${nobodys}`]
  for (const name of names) {
    await expect(chat.find(name, never)).rejects.toMatchObject({ code: 'model-unknown' })
  }
  const asked = [{ key: other.key }, { key: nobodys }, { key: other.key, adapter: nobodys }]
  expect(learned).toEqual(asked)
})

test('a model of this computer is found as soon as it is known; only what is unknown waits', async () => {
  const models = [fakeModel]
  const chat = createChat(() => models, fakeAnswer([]).answer, {
    ready: () => Promise.resolve(models.push(other)),
    learn: () => Promise.reject(new Error('it is here'))
  })
  expect((await chat.find('skein-tiny', never)).info).toBe(fakeModel)
  expect(models).toHaveLength(1)
  expect((await chat.find(other.key, never)).info).toBe(other)
})

test('a model with an adapter on it is another one, by a name and a key of its own', async () => {
  const adapter = modelKeySchema.parse('56'.repeat(32))
  const adapted = { ...other, name: `${other.name}+Pirate`, adapter }
  const twin = { ...adapted, adapter: modelKeySchema.parse('78'.repeat(32)) }
  const chat = createChat(() => [fakeModel, adapted, twin, other], fakeAnswer([]).answer)
  const names = [other.key, `${other.key}+${adapter}`, 'llama-3.2-1b-q4-0+pirate']
  const found = await Promise.all(names.map((name) => chat.find(name, never)))
  expect(found.map(({ info }) => info)).toEqual([other, adapted, adapted])
  const last = await chat.find('llama-3.2-1b-q4-0+pirate-78787878', never)
  expect(last.info).toBe(twin)
})

async function begin(input: GenerateInput): Promise<unknown> {
  const chat = createChat(() => [fakeModel, other], fakeAnswer(['hi']).answer)
  const request = generateRequestSchema.parse(input)
  const events = chat.generate(request, new AbortController().signal)
  return (await events[Symbol.asyncIterator]().next()).value
}

test('an answer begins with its route; an empty prompt and an unknown model never begin', async () => {
  const prompt = { kind: 'text' as const, text: 'Hi' }
  expect(await begin({ prompt })).toMatchObject({ kind: 'route' })
  await expect(begin({ prompt: { ...prompt, text: '' } })).rejects.toMatchObject({
    code: 'prompt-empty'
  })
  await expect(begin({ prompt, model: 'gpt-9' })).rejects.toMatchObject({ code: 'model-unknown' })
})
