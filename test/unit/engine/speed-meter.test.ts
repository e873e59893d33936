import { expect, it } from 'vitest'
import { SpeedMeter } from '#engine/child/speed-meter.ts'

it('says nothing before it measured', () => {
  expect(new SpeedMeter(4).get()).toEqual({})
})

it('measures single rows by layer and prompts by second', () => {
  const meter = new SpeedMeter(4)
  meter.record(1, 2000)
  meter.record(5, 9_999_999)
  meter.record(100, 500_000)
  expect(meter.get()).toEqual({ microsPerLayer: 500, prefillTokensPerSecond: 200 })
})

it('follows a change slowly', () => {
  const meter = new SpeedMeter(1)
  meter.record(1, 100)
  meter.record(1, 200)
  expect(meter.get().microsPerLayer).toBeCloseTo(110)
  for (let call = 0; call < 100; call++) meter.record(1, 200)
  expect(meter.get().microsPerLayer).toBeCloseTo(200, 1)
})
