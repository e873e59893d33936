import { expect, test } from 'vitest'
import type { GpuReading } from '#contract/signals.ts'
import { SignalBoard } from '#signals/signal-board.ts'
import { Unavailable, type SignalSource, type SignalSources } from '#signals/signal-source.ts'
import { FakeClock } from '#test/support/guest/fake-clock.ts'

const steady = <Value>(value: Value) => ({
  source: 'test',
  everyMs: 1000,
  read: () => Promise.resolve(value)
})

const allWell: SignalSources = {
  idle: steady(0),
  locked: steady(false),
  onBattery: steady(false),
  batterySaver: steady(false),
  cpuByOthers: steady(0.1),
  memory: steady({ bytes: 8e9, availableBytes: 4e9 }),
  gpus: steady([]),
  cpuCelsius: steady(50),
  thermalState: steady('nominal' as const),
  fullScreen: steady(false),
  exclusivePrograms: steady([]),
  metered: steady(false),
  traffic: steady({ receivedBytes: 0, sentBytes: 0 })
}

async function boardWith(sources: Partial<SignalSources>) {
  const clock = new FakeClock()
  const board = new SignalBoard({ ...allWell, ...sources }, clock)
  expect(board.current().idle).toMatchObject({ kind: 'unavailable', reason: 'starting' })
  board.start()
  await clock.advance(0)
  return { board, clock }
}

test.each([
  ['cpuCelsius', Number.NaN],
  ['cpuCelsius', -1],
  ['cpuCelsius', 0],
  ['cpuCelsius', 255],
  ['idle', -5],
  ['idle', Infinity],
  ['cpuByOthers', Number.NaN],
  ['cpuByOthers', 3]
] as const)('%s of %d is not believed', async (name, value) => {
  const { board } = await boardWith({ [name]: steady(value) })
  expect(board.current()[name]).toMatchObject({ kind: 'unavailable', reason: 'implausible' })
})

test('of a GPU only what cannot be is left out', async () => {
  const gpu: GpuReading = {
    id: 'a',
    name: 'b',
    celsius: -1,
    watts: Number.NaN,
    use: 0.5,
    memoryBytes: 8e9,
    memoryUsedBytes: 9e9
  }
  const { board } = await boardWith({ gpus: steady([gpu]) })
  expect(board.current().gpus).toMatchObject({
    value: [{ id: 'a', name: 'b', use: 0.5, memoryBytes: 8e9 }]
  })
})

test('a sensor that hangs is known as such after two seconds, is asked once, and holds up nothing', async () => {
  let asked = 0
  let answer: (celsius: number) => void = () => undefined
  const hanging: SignalSource<'cpuCelsius'> = {
    source: 'test',
    everyMs: 1000,
    read: () => {
      asked++
      return new Promise((resolve) => (answer = resolve))
    }
  }
  const { board, clock } = await boardWith({ cpuCelsius: hanging })
  await clock.advance(2000)
  expect(board.current().cpuCelsius).toMatchObject({ kind: 'unavailable', reason: 'timed-out' })
  expect(board.current().idle).toMatchObject({ kind: 'value' })
  await clock.advance(60_000)
  expect(asked).toBe(1)
  answer(50)
  await clock.advance(1000)
  expect(asked).toBe(2)
})

test('a value that was not renewed in time is stale, as after sleep', async () => {
  let isAwake = true
  const sleepy: SignalSource<'onBattery'> = {
    source: 'test',
    everyMs: 1000,
    read: () => (isAwake ? Promise.resolve(false) : new Promise(() => undefined))
  }
  const { board, clock } = await boardWith({ onBattery: sleepy })
  isAwake = false
  expect(board.current().onBattery).toMatchObject({ kind: 'value', value: false })
  clock.jump(60_000)
  expect(board.current().onBattery).toMatchObject({ kind: 'unavailable', reason: 'stale' })
})

test('what a source says of itself is passed on; what it throws otherwise has failed', async () => {
  const { board } = await boardWith({
    gpus: { ...allWell.gpus, read: () => Promise.reject(new Unavailable('gone')) },
    metered: { ...allWell.metered, read: () => Promise.reject(new Error('no')) }
  })
  expect(board.current().gpus).toMatchObject({ reason: 'gone' })
  expect(board.current().metered).toMatchObject({ reason: 'failed' })
})

test('a temperature that has not moved for an hour is stuck, until it moves', async () => {
  let celsius = 50
  const { board, clock } = await boardWith({
    cpuCelsius: { ...allWell.cpuCelsius, read: () => Promise.resolve(celsius) }
  })
  await clock.advance(3_590_000)
  expect(board.current().cpuCelsius).toMatchObject({ kind: 'value' })
  await clock.advance(20_000)
  expect(board.current().cpuCelsius).toMatchObject({ reason: 'stuck' })
  celsius = 50.1
  await clock.advance(1000)
  expect(board.current().cpuCelsius).toMatchObject({ kind: 'value', value: 50.1 })
})

test('the time since the last input grows, or begins anew; one that stands is stuck', async () => {
  const { board, clock } = await boardWith({ idle: steady(120_000) })
  await clock.advance(30_000)
  expect(board.current().idle).toMatchObject({ kind: 'value' })
  await clock.advance(31_000)
  expect(board.current().idle).toMatchObject({ reason: 'stuck' })
})

test('a source that knows of a change is asked at once', async () => {
  let tell: () => void = () => undefined
  let idle = 300_000
  const { board, clock } = await boardWith({
    idle: {
      ...allWell.idle,
      read: () => Promise.resolve(idle),
      watch: (listener) => (tell = listener)
    }
  })
  let heard = 0
  board.onChange(() => heard++)
  idle = 0
  tell()
  await clock.advance(0)
  expect(board.current().idle).toMatchObject({ value: 0 })
  expect(heard).toBeGreaterThan(0)
  board.close()
  heard = 0
  await clock.advance(10_000)
  expect(heard).toBe(0)
})
