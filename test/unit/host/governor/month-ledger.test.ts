import { expect, test } from 'vitest'
import { costOf, drawOf } from '#host/governor/energy.ts'
import { MonthLedger, type LedgerFile } from '#host/governor/month-ledger.ts'
import { TrafficMeter } from '#host/governor/traffic-meter.ts'
import { calmSignals, unavailable, value } from '#test/support/guest/known.ts'

const november = Date.UTC(2026, 10, 1)
const december = Date.UTC(2026, 11, 1)

function fileWith(text?: string): LedgerFile & { text: string | undefined } {
  return {
    text,
    read() {
      return this.text
    },
    write(written) {
      this.text = written
    }
  }
}

test('what was counted is there after a restart', () => {
  const file = fileWith()
  const ledger = new MonthLedger(file, november)
  ledger.add({ transferredBytes: 5000, joules: 3.6e6, cost: 0.3 })
  ledger.add({ transferredBytes: 1000, isEstimate: true })
  ledger.save()
  expect(new MonthLedger(file, november).at(november)).toEqual({
    start: november,
    transferredBytes: 6000,
    joules: 3.6e6,
    isEstimate: true,
    cost: 0.3
  })
})

test('a new month begins at nothing', () => {
  const ledger = new MonthLedger(fileWith(), november)
  ledger.add({ transferredBytes: 5000 })
  expect(ledger.at(december)).toMatchObject({ start: december, transferredBytes: 0 })
})

test('a clock that is set back gives nothing back, neither does one that was far ahead', () => {
  const file = fileWith()
  const ledger = new MonthLedger(file, december)
  ledger.add({ transferredBytes: 5000 })
  ledger.save()
  expect(new MonthLedger(file, november).at(november)).toMatchObject({
    start: december,
    transferredBytes: 5000
  })
  const far = new MonthLedger(file, Date.UTC(2026, 5, 1))
  expect(far.at(Date.UTC(2026, 5, 1))).toMatchObject({ transferredBytes: 5000 })
  expect(far.at(Date.UTC(2026, 6, 1))).toMatchObject({ transferredBytes: 0 })
})

test.each(['', '{', '{"version":2}', '{"version":1,"start":0,"joules":-1}'])(
  'a file that holds "%s" begins anew',
  (text) => {
    const ledger = new MonthLedger(fileWith(text), november)
    expect(ledger.at(november)).toMatchObject({ start: november, transferredBytes: 0 })
  }
)

test('nothing is written when nothing was counted', () => {
  const file = fileWith()
  const ledger = new MonthLedger(file, november)
  ledger.add({})
  ledger.save()
  expect(file.text).toBeUndefined()
})

test('bytes of connections count once, also of those that have closed', () => {
  const meter = new TrafficMeter()
  const streamWith = (read: number, written: number) => {
    let close: () => void = () => undefined
    const stream = {
      rawBytesRead: read,
      rawBytesWritten: written,
      on: (_event: 'close', listener: () => void) => (close = listener),
      close: () => close()
    }
    meter.attach(stream)
    return stream
  }
  const first = streamWith(100, 10)
  expect(meter.take()).toBe(110)
  first.rawBytesRead = 150
  streamWith(7, 0)
  first.close()
  expect(meter.take()).toBe(57)
  expect(meter.take()).toBe(0)
})

test('power is what the cards measure; else what they may draw; else what the processor is known to', () => {
  const gpu = { id: 'a', name: 'b' }
  const draw = (...gpus: object[]) =>
    drawOf({ ...calmSignals, gpus: value(gpus.map((it) => ({ ...gpu, ...it }))) }, 0.5, 8)
  expect(draw({ watts: 120 }, { watts: 30 })).toEqual({ watts: 150, isEstimate: false })
  expect(draw({ wattsLimit: 200 })).toEqual({ watts: 100, isEstimate: true })
  expect(draw({ watts: 120 }, { wattsLimit: 200 })).toEqual({ watts: 220, isEstimate: true })
  const none = { ...calmSignals, gpus: unavailable('no-device') }
  expect(drawOf(none, 0.5, 8)).toEqual({ watts: 32, isEstimate: true })
  expect(costOf(7.2e6, 0.3)).toBeCloseTo(0.6)
})
