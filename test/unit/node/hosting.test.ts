import { expect, test } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { modelKeySchema, type LayerRange, type ModelInfo } from '#contract/model.ts'
import type { HostedStage } from '#contract/status.ts'
import type { StagePlan } from '#host/stage-plan.ts'
import { silentLogger } from '#log/silent-logger.ts'
import { fakeModel } from '#test/support/fakes/fake-swarm.ts'
import { Hosting, type HostingOptions } from '../../../src-main/node/hosting.ts'

const whole = { first: 0, end: fakeModel.layers }
const front = { first: 0, end: 2 }
const otherKey = modelKeySchema.parse('e'.repeat(64))

/** A host whose stages load, or do not, as the test says. */
class FakeHost {
  readonly stages: HostedStage[] = []
  failure: SkeinError | undefined
  taken = 0

  take({ model, range }: StagePlan): Promise<void> {
    this.taken++
    if (this.failure !== undefined) return Promise.reject(this.failure)
    const figures = { sessions: 0, slots: 1, memoryBytes: 1 }
    this.stages.push({ model: model.key, range, state: 'ready', ...figures })
    return Promise.resolve()
  }

  release(_key: string, range: LayerRange): Promise<void> {
    const at = this.stages.findIndex((stage) => stage.range.end === range.end)
    if (at >= 0) this.stages.splice(at, 1)
    return Promise.resolve()
  }

  status(): HostedStage[] {
    return [...this.stages]
  }
}

function hosting(change: Partial<HostingOptions> = {}): { hosting: Hosting; host: FakeHost } {
  const host = new FakeHost()
  const plan = (model: ModelInfo, range: LayerRange): StagePlan => ({
    model,
    range,
    openModel: () => Promise.reject(new Error('the fake host opens nothing')),
    ...{ contextTokens: 1, slots: 1, batchTokens: 1, threads: 1, device: 'cpu' }
  })
  const options = { host, plan, log: silentLogger, onChange: () => undefined }
  const rest = { isWhole: () => true, loadsOnDemand: true, memoryBytes: 100 }
  return { hosting: new Hosting({ ...options, ...rest, ...change }), host }
}

test('a range is loaded once, however often it is asked for', async () => {
  const { hosting: it, host } = hosting()
  await Promise.all([it.keep(fakeModel, front), it.keep(fakeModel, front)])
  await it.keep(fakeModel, front)
  expect(host.taken).toBe(1)
  expect(it.stages()).toMatchObject([{ range: front, state: 'ready' }])
})

test('one that does not load is told, and tried again when a question needs it', async () => {
  const { hosting: it, host } = hosting()
  host.failure = new SkeinError('engine-out-of-memory')
  await expect(it.keep(fakeModel, whole)).rejects.toMatchObject({ code: 'engine-out-of-memory' })
  expect(it.stages()).toMatchObject([
    { state: 'failed', error: { code: 'engine-out-of-memory' }, range: whole }
  ])
  await expect(it.prepare(fakeModel)).rejects.toMatchObject({ code: 'engine-out-of-memory' })
  host.failure = undefined
  await it.prepare(fakeModel)
  expect(it.stages()).toMatchObject([{ state: 'ready' }])
})

test('one whose engine crashed for good is loaded anew', async () => {
  const { hosting: it, host } = hosting()
  await it.keep(fakeModel, whole)
  const [stage] = host.stages.splice(0)
  if (stage !== undefined) host.stages.push({ ...stage, state: 'failed' })
  expect(it.stages()).toMatchObject([{ state: 'failed', error: { code: 'engine-crashed' } }])
  await it.prepare(fakeModel)
  expect(it.stages()).toMatchObject([{ state: 'ready' }])
})

test('a model that is here is loaded for a question; where that fails, others may serve it', async () => {
  const { hosting: it, host } = hosting()
  host.failure = new SkeinError('engine-out-of-memory')
  await it.prepare(fakeModel)
  expect(it.stages()).toEqual([])
  await expect(it.cover(fakeModel)).rejects.toMatchObject({ code: 'engine-out-of-memory' })
  expect(it.stages()).toMatchObject([{ state: 'failed' }])
  host.failure = undefined
  await it.prepare(fakeModel)
  expect(it.stages()).toMatchObject([{ state: 'ready', range: whole }])
})

test('what is loaded for a question is one model at a time', async () => {
  const { hosting: it, host } = hosting()
  const other = { ...fakeModel, name: 'Other', layers: 3 }
  await it.cover(fakeModel)
  await it.cover(fakeModel)
  expect(host.taken).toBe(1)
  await it.cover({ ...other, key: otherKey })
  expect(it.stages()).toMatchObject([{ model: otherKey }])
})

test.each([
  ['whose layers are not all here', { isWhole: () => false }, fakeModel],
  ['that is larger than the memory', {}, { ...fakeModel, bytes: 80 }],
  ['on a peer that hosts what it is told only', { loadsOnDemand: false }, fakeModel]
])('no question loads a model %s', async (_name, change, model) => {
  const { hosting: it, host } = hosting(change)
  await it.prepare(model)
  await it.cover(model)
  expect(host.taken).toBe(0)
})

test('a part that is hosted by a person’s word stays the only part', async () => {
  const { hosting: it, host } = hosting()
  await it.keep(fakeModel, front)
  await it.prepare(fakeModel)
  await it.cover(fakeModel)
  expect(host.taken).toBe(1)
})

test('nobody waits for layers that come from peers; what was waited for is given up', async () => {
  const coming = Promise.withResolvers<never>()
  const { hosting: it } = hosting({
    isWhole: () => false,
    host: {
      take: (_plan, signal) => {
        signal?.addEventListener('abort', () => coming.reject(new SkeinError('cancelled')))
        return coming.promise
      },
      release: () => Promise.resolve(),
      status: () => []
    }
  })
  it.keep(fakeModel, front).catch(() => undefined)
  expect(it.stages()).toMatchObject([{ state: 'preparing' }])
  await it.cover(fakeModel)
  expect(await it.release(fakeModel)).toBe(1)
  expect(it.stages()).toEqual([])
})
