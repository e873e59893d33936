import { expect, test } from 'vitest'
import { adapted } from '#contract/adapter.ts'
import { SkeinError } from '#contract/errors.ts'
import { modelKeySchema } from '#contract/model.ts'
import { peerKeySchema } from '#contract/peer.ts'
import type { NodeStatus } from '#contract/status.ts'
import type { Transfer } from '#contract/transfers.ts'
import { fakeModel } from '#test/support/fakes/fake-swarm.ts'
import { formatLayers, parseLayers } from '../../../src-main/cli/layers.ts'
import { ProgressLine } from '../../../src-main/cli/progress-line.ts'
import { describeStatus } from '../../../src-main/cli/status.ts'
import {
  commandFor,
  describeTransfer,
  summariseTransfer
} from '../../../src-main/cli/transfer-text.ts'

const peer = peerKeySchema.parse('ab'.repeat(32))
const adding: Transfer = {
  id: '/m.gguf',
  task: { kind: 'add', source: '/m.gguf' },
  state: 'running'
}
const fetching: Transfer = {
  id: `${fakeModel.key}:1..3`,
  task: { kind: 'fetch', model: fakeModel.key, range: { first: 1, end: 4 } },
  state: 'running'
}
const halfway = { doneBytes: 1e9, totalBytes: 2e9, bytesPerSecond: 5e6 }

test('layers are written first..last, both included', () => {
  expect(parseLayers('8..15')).toEqual({ first: 8, end: 16 })
  expect(formatLayers(parseLayers('0..0'))).toBe('0..0')
})

test.each(['8', '8-15', '15..8', '-1..3', '1..99999', '1..', 'a..b'])(
  '%s are no layers',
  (text) => {
    expect(() => parseLayers(text)).toThrow('8..15')
  }
)

test.each([
  ['that begins', adding, 'Beginning ...'],
  [
    'that reads',
    { ...adding, progress: { phase: 'reading' as const, ...halfway } },
    'Reading 50 % of 2.0 GB, 5.0 MB/s, 3 min left'
  ],
  [
    'that fetches',
    {
      ...fetching,
      progress: { state: 'fetching' as const, ...halfway, peers: [{ peer, bytes: 1 }] }
    },
    'Fetching 50 % of 2.0 GB, 5.0 MB/s, 3 min left, from 1 peer'
  ],
  [
    'that nobody has',
    {
      ...fetching,
      progress: { state: 'searching' as const, doneBytes: 0, totalBytes: 0, peers: [] }
    },
    'Nobody who is online now has it; it goes on when somebody comes.'
  ],
  [
    'that failed',
    { ...adding, state: 'failed' as const, error: new SkeinError('model-not-found').toValue() },
    'There is no model file at this path. Check the path and that you may read the file.'
  ]
])('a transfer %s says so', (_name, transfer: Transfer, text) => {
  expect(describeTransfer(transfer)).toBe(text)
})

test('a paused transfer is listed with the command that goes on with it', () => {
  expect(summariseTransfer({ ...adding, state: 'paused' })).toBe('/m.gguf  paused')
  expect(commandFor(adding.task)).toBe('npm run skein -- model add /m.gguf')
  expect(commandFor(fetching.task)).toBe(
    `npm run skein -- model fetch ${fakeModel.key} --layers 1..3`
  )
})

test('progress is written over itself on a terminal, and nowhere else', () => {
  const written: string[] = []
  const write = (text: string): boolean => written.push(text) > 0
  const line = new ProgressLine({ isTTY: true, write })
  line.say('a long line')
  line.say('short')
  line.clear()
  expect(written).toEqual(['\ra long line', '\rshort      ', '\r     \r'])
  new ProgressLine({ isTTY: false, write }).say('nothing')
  expect(written).toHaveLength(3)
})

test('the status says what is hosted, what is shared, and what went wrong', () => {
  const adapter = modelKeySchema.parse('ad'.repeat(32))
  const stage = { model: fakeModel.key, sessions: 0, slots: 8, memoryBytes: 2_000_000 }
  const status: NodeStatus = {
    version: '1',
    peer,
    lending: false,
    connectedPeers: 2,
    network: 'private',
    models: [fakeModel, adapted(fakeModel, { key: adapter, name: 'Pirate' })],
    defaultModel: fakeModel.key,
    builtInModel: fakeModel.key,
    stages: [
      { ...stage, range: { first: 0, end: 2 }, state: 'ready' },
      { ...stage, adapter, range: { first: 2, end: 4 }, state: 'preparing' },
      {
        ...stage,
        range: { first: 4, end: 6 },
        state: 'failed',
        error: new SkeinError('engine-out-of-memory').toValue()
      }
    ],
    weights: {
      error: new SkeinError('weights-in-use').toValue(),
      seeding: true,
      usage: { month: '2026-11', uploadedBytes: 5e6, downloadedBytes: 0 },
      transfers: [{ ...adding, state: 'paused' }]
    },
    device: 'cpu'
  }
  expect(describeStatus(status).split('\n').slice(3)).toEqual([
    'Model: Fake. Computes on: cpu.',
    'Stage: layers 0..1 of Fake, ready, 0 of 8 places taken, 2.0 MB',
    'Stage: layers 2..3 of Fake+Pirate, preparing',
    'Stage: layers 4..5 of Fake, failed. There is not enough memory for this model and its context. Close other programs, choose fewer layers, a smaller context or a smaller model.',
    'Sharing models: on. 5.0 MB sent and 0.0 MB received this month.',
    'Models that were added cannot be used. Another Skein is using this weights folder. Use the running one, or set SKEIN_HOME to another folder.',
    'Coming: /m.gguf  paused'
  ])
})
