import { expect, test } from 'vitest'
import { membershipKey } from '#swarm/membership.ts'
import { topicOf } from '#swarm/topic.ts'
import { readStartOptions } from '../../../src-main/start-options.ts'

const secret = 'correct horse battery'

test('nothing is hosted and no network is joined unless it is said', () => {
  expect(readStartOptions({}, {})).toEqual({})
  expect(readStartOptions({}, { SKEIN_NETWORK: '' })).toEqual({})
})

test('a model, its layers, a port and a network', () => {
  const texts = { port: '0', model: 'm.gguf', layers: '8..15', network: secret }
  expect(readStartOptions(texts, {})).toEqual({
    port: 0,
    host: { model: 'm.gguf', range: { first: 8, end: 16 } },
    network: { topic: topicOf(secret), membershipKey: membershipKey(secret) }
  })
  expect(readStartOptions({}, { SKEIN_NETWORK: secret })).toEqual({
    network: { topic: topicOf(secret), membershipKey: membershipKey(secret) }
  })
})

test.each([
  ['a port that is none', { port: '70000' }],
  ['no port', { port: '' }],
  ['layers of nothing', { layers: '0..1' }],
  ['layers that are none', { model: 'm', layers: '8-15' }],
  ['a secret that is soon guessed', { network: 'friends' }]
])('%s is refused', (_name, texts) => {
  expect(() => readStartOptions(texts, {})).toThrow(
    expect.objectContaining({ code: 'invalid-input' })
  )
})
