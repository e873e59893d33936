import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '#test/support/weights/fake-clock.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { ByteBucket } from '#weights/byte-bucket.ts'
import { UploadControl } from '#weights/upload-control.ts'
import { UsageLedger } from '#weights/usage-ledger.ts'

const block = 65_536

describe('a rate limit', () => {
  test('holds over a minute to within 2 %, and is used to at least 95 %', async () => {
    const clock = new FakeClock()
    const bucket = new ByteBucket(1_000_000, clock)
    let bytes = 0
    const send = async (): Promise<void> => {
      await bucket.take(block)
      bytes += block
      if (clock.now() < 60_000) await send()
    }
    void send()
    await clock.advance(60_000)
    expect(bytes / 60_000_000).toBeGreaterThan(0.95)
    expect(bytes / 60_000_000).toBeLessThan(1.02)
  })

  test('lets no more than a moment’s worth through after a pause', async () => {
    const clock = new FakeClock()
    const bucket = new ByteBucket(1_000_000, clock)
    await clock.advance(3_600_000)
    let gone = 0
    for (let i = 0; i < 20; i++) void bucket.take(block).then(() => gone++)
    await clock.advance(0)
    expect(gone).toBe(3)
  })

  test('serves in the order of asking', async () => {
    const clock = new FakeClock()
    const bucket = new ByteBucket(1_000_000, clock)
    const order: string[] = []
    void bucket.take(block * 10).then(() => order.push('large'))
    void bucket.take(1).then(() => order.push('small'))
    await clock.advance(10_000)
    expect(order).toEqual(['large', 'small'])
  })

  test('can be lifted', async () => {
    const bucket = new ByteBucket(Infinity, new FakeClock())
    await bucket.take(1e12)
  })
})

describe('uploads', () => {
  test('are refused until the person agreed to share', async () => {
    const uploads = new UploadControl(await ledger())
    expect(await uploads.admit(block)).toBe(false)
    uploads.setLimits({ isAllowed: true, bytesPerSecond: Infinity, bytesPerMonth: Infinity })
    expect(await uploads.admit(block)).toBe(true)
  })

  test('end at once when the person stops them', async () => {
    const clock = new FakeClock()
    const uploads = new UploadControl(await ledger(), clock)
    uploads.setLimits({ isAllowed: true, bytesPerSecond: 1, bytesPerMonth: Infinity })
    const waiting = uploads.admit(block)
    uploads.setLimits({ isAllowed: false, bytesPerSecond: 1, bytesPerMonth: Infinity })
    expect(await waiting).toBe(false)
  })

  test('stay below the bytes of a month, and begin again with the next', async () => {
    let today = new Date('2026-11-30T23:59:59Z')
    const uploads = new UploadControl(await ledger(() => today))
    uploads.setLimits({ isAllowed: true, bytesPerSecond: Infinity, bytesPerMonth: 3 * block })
    const admitted = [1, 2, 3, 4].map(() => uploads.admit(block))
    expect(await Promise.all(admitted)).toEqual([true, true, true, false])
    today = new Date('2026-12-01T00:00:00Z')
    expect(await uploads.admit(block)).toBe(true)
  })

  test('are refused to the many when too many wait', async () => {
    const clock = new FakeClock()
    const uploads = new UploadControl(await ledger(), clock)
    uploads.setLimits({ isAllowed: true, bytesPerSecond: block, bytesPerMonth: Infinity })
    const answers = Array.from({ length: 600 }, () => uploads.admit(block))
    expect(await answers[599]).toBe(false)
    await clock.advance(600_000)
    expect((await Promise.all(answers)).filter((admitted) => admitted)).toHaveLength(512)
  })
})

describe('the ledger of a month', () => {
  test('is kept over restarts', async () => {
    const file = path.join(temporaryFolder(), 'usage.json')
    const today = (): Date => new Date('2026-11-22T12:00:00Z')
    const first = await UsageLedger.open(file, today)
    first.add({ uploaded: 5 })
    first.add({ downloaded: 7 })
    await first.save()
    const second = await UsageLedger.open(file, today)
    expect(second.current()).toEqual({ month: '2026-11', uploadedBytes: 5, downloadedBytes: 7 })
  })

  test('begins at zero when it is damaged', async () => {
    const file = path.join(temporaryFolder(), 'usage.json')
    writeFileSync(file, '{"version":1,"month":')
    const damaged = await UsageLedger.open(file, () => new Date('2026-11-22T12:00:00Z'))
    expect(damaged.current()).toMatchObject({ uploadedBytes: 0, downloadedBytes: 0 })
  })
})

function ledger(today?: () => Date): Promise<UsageLedger> {
  return UsageLedger.open(path.join(temporaryFolder(), 'usage.json'), today)
}
