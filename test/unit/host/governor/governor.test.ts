import { expect, test } from 'vitest'
import type { Settings } from '#contract/settings.ts'
import type { Signals } from '#contract/signals.ts'
import { Governor, type Governed } from '#host/governor/governor.ts'
import { silentLogger } from '#log/silent-logger.ts'
import type { OwnUse } from '#policy/known.ts'
import { agreed, atNoon, calmSignals, later, value } from '#test/support/guest/known.ts'

/** A governor whose world and time a test owns. */
function setUp(settings: Settings = agreed) {
  const world = { signals: calmSignals, settings, millis: 0, answers: 1 }
  const acts: Governed[] = []
  const said: unknown[] = []
  let onSignal: () => void = () => undefined
  const own = (): OwnUse => ({
    answers: world.answers,
    transferredBytes: 0,
    cost: 0,
    memoryBytes: 0,
    gpuMemoryBytes: new Map()
  })
  const governor = new Governor({
    signals: {
      current: () => world.signals,
      onChange: (listener) => {
        onSignal = listener
        return () => (onSignal = () => undefined)
      }
    },
    settings: {
      get current() {
        return world.settings
      },
      onChange: () => () => undefined
    },
    own,
    act: (governed) => acts.push(governed),
    now: () => later(atNoon, world.millis),
    log: { ...silentLogger, info: (_message, fields) => said.push(fields?.['sentence']) }
  })
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second++) {
      world.millis += 1000
      governor.look()
    }
  }
  const signal = (changed: Partial<Signals>): void => {
    world.signals = { ...world.signals, ...changed }
    onSignal()
  }
  return { governor, world, acts, said, pass, signal }
}

const busyGpu = value([{ id: 'a', name: 'b', celsius: 50, use: 0.99, useByOthers: 0 }])

test('it lends, at full speed within a minute, and input stops it in the same moment', () => {
  const { governor, acts, said, pass, signal } = setUp()
  signal({ gpus: busyGpu })
  pass(60)
  expect(governor.current).toMatchObject({ duty: 1, decision: { state: 'lending' } })
  signal({ idle: value(0) })
  expect(governor.current).toMatchObject({
    duty: 0,
    decision: { reason: 'in-use', limits: { compute: { work: 'no', keepsMemory: false } } }
  })
  expect(acts.at(-1)).toBe(governor.current)
  expect(said.at(-1)).toBe(
    'Paused: you are using this computer. Resumes after 5 min without input.'
  )
  governor.close()
})

test('nobody to compute for, nothing learned: it does not begin at full speed later', () => {
  const { governor, world, pass } = setUp()
  world.answers = 0
  pass(120)
  expect(governor.current.duty).toBeLessThan(0.2)
  governor.close()
})

test('nothing is done where nothing has changed', () => {
  const { governor, acts, pass, signal } = setUp({ ...agreed, lending: false })
  pass(1)
  const before = acts.length
  pass(100)
  signal({ cpuByOthers: value(0.03) })
  expect(acts).toHaveLength(before)
  governor.close()
})

test('after it was closed it hears nothing', () => {
  const { governor, acts, signal } = setUp()
  governor.close()
  signal({ idle: value(0) })
  expect(acts).toEqual([])
})
