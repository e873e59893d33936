import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { modelKeySchema } from '#contract/model.ts'
import { peerKeySchema, type PeerKey } from '#contract/peer.ts'
import { FakeClock } from '#test/support/weights/fake-clock.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { ByteBucket } from '#weights/byte-bucket.ts'
import { UploadControl, type UploadRequest } from '#weights/upload-control.ts'
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

const model = modelKeySchema.parse('ab'.repeat(32))
const [anna, ben, carl] = [1, 2, 3].map((name) => peerKeySchema.parse(`0${name}`.repeat(32)))

/** One block for a peer who waits for it. */
function wanted(peer = anna): UploadRequest {
  if (peer === undefined) throw new Error('nobody')
  return { peer, model, bytes: block, isWanted: () => true }
}

describe('uploads', () => {
  const free = { isAllowed: true, bytesPerSecond: Infinity, bytesPerMonth: Infinity }

  test('are refused until the person agreed to share', async () => {
    const uploads = new UploadControl(await ledger())
    expect(await uploads.admit(wanted())).toBe(false)
    uploads.setLimits(free)
    expect(await uploads.admit(wanted())).toBe(true)
  })

  test('end at once when the person stops them', async () => {
    const uploads = new UploadControl(await ledger(), new FakeClock())
    uploads.setLimits({ ...free, bytesPerSecond: 1 })
    const waiting = [uploads.admit(wanted()), uploads.admit(wanted(ben))]
    uploads.setLimits({ ...free, isAllowed: false })
    expect(await Promise.all(waiting)).toEqual([false, false])
  })

  test('stay below the bytes of a month, and begin again with the next', async () => {
    let today = new Date('2026-11-30T23:59:59Z')
    const uploads = new UploadControl(await ledger(() => today))
    uploads.setLimits({ ...free, bytesPerMonth: 3 * block })
    const admitted = [1, 2, 3, 4].map(() => uploads.admit(wanted()))
    expect(await Promise.all(admitted)).toEqual([true, true, true, false])
    today = new Date('2026-12-01T00:00:00Z')
    expect(await uploads.admit(wanted())).toBe(true)
  })

  test('take turns between peers, however much one of them asks for', async () => {
    const clock = new FakeClock()
    const uploads = new UploadControl(await ledger(), clock)
    uploads.setLimits({ ...free, bytesPerSecond: block })
    const order: string[] = []
    const ask = (peer: PeerKey | undefined, name: string): void => {
      void uploads.admit(wanted(peer)).then(() => order.push(name))
    }
    for (let i = 0; i < 100; i++) ask(anna, 'anna')
    for (let i = 0; i < 3; i++) ask(ben, 'ben')
    for (let i = 0; i < 3; i++) ask(carl, 'carl')
    await clock.advance(11_000)
    const count = (name: string): number => order.filter((it) => it === name).length
    expect([count('ben'), count('carl')]).toEqual([3, 3])
    expect(count('anna')).toBeLessThanOrEqual(5)
  })

  test('keep to the rate of one peer, and leave the rest of the uplink to others', async () => {
    const clock = new FakeClock()
    const uploads = new UploadControl(await ledger(), clock)
    uploads.setLimits({ ...free, bytesPerSecond: 10 * block, bytesPerSecondPerPeer: block })
    const counts = new Map<PeerKey | undefined, number>()
    for (const peer of [anna, ben]) {
      for (let i = 0; i < 100; i++) {
        void uploads.admit(wanted(peer)).then(() => counts.set(peer, (counts.get(peer) ?? 0) + 1))
      }
    }
    await clock.advance(20_000)
    for (const peer of [anna, ben]) {
      expect(counts.get(peer)).toBeGreaterThanOrEqual(20)
      expect(counts.get(peer)).toBeLessThanOrEqual(21)
    }
  })

  test('are not counted for what nobody waits for any more', async () => {
    const book = await ledger()
    const uploads = new UploadControl(book, new FakeClock())
    uploads.setLimits(free)
    expect(await uploads.admit({ ...wanted(), isWanted: () => false })).toBe(false)
    expect(book.current().uploadedBytes).toBe(0)
  })

  test('are refused to a peer that waits for too many', async () => {
    const clock = new FakeClock()
    const uploads = new UploadControl(await ledger(), clock)
    uploads.setLimits({ ...free, bytesPerSecond: block })
    const answers = Array.from({ length: 600 }, () => uploads.admit(wanted()))
    expect(await answers[599]).toBe(false)
    const other = uploads.admit(wanted(ben))
    await clock.advance(3_000)
    expect(await other).toBe(true)
    await clock.advance(600_000)
    const admitted = (await Promise.all(answers)).filter((it) => it).length
    expect(admitted).toBeGreaterThanOrEqual(512)
    expect(admitted).toBeLessThan(520)
  })
})

describe('the ledger of a month', () => {
  test('is kept over restarts', async () => {
    const file = path.join(temporaryFolder(), 'usage.json')
    const today = (): Date => new Date('2026-11-22T12:00:00Z')
    const first = await UsageLedger.open(file, today)
    first.add(model, { uploaded: 5 })
    first.add(model, { downloaded: 7 })
    await first.save()
    const second = await UsageLedger.open(file, today)
    const bytes = { uploadedBytes: 5, downloadedBytes: 7 }
    expect(second.current()).toEqual({ month: '2026-11', ...bytes })
    expect(second.ofModel(model)).toEqual(bytes)
    second.forget(model)
    await second.save()
    const third = await UsageLedger.open(file, today)
    expect(third.ofModel(model)).toEqual({ uploadedBytes: 0, downloadedBytes: 0 })
    expect(third.total()).toEqual(bytes)
  })

  test('begins at zero with the month, not with a clock that is set back', async () => {
    let today = new Date('2026-11-22T12:00:00Z')
    const book = await ledger(() => today)
    book.add(model, { uploaded: 5 })
    for (const back of ['2026-10-31T00:00:00Z', '1970-01-01T00:00:00Z']) {
      today = new Date(back)
      expect(book.current()).toMatchObject({ month: '2026-11', uploadedBytes: 5 })
    }
    today = new Date('2026-12-01T00:00:00Z')
    expect(book.current()).toMatchObject({ month: '2026-12', uploadedBytes: 0 })
    expect(book.total().uploadedBytes).toBe(5)
  })

  test('of version 1 is read', async () => {
    const file = path.join(temporaryFolder(), 'usage.json')
    const first = { version: 1, month: '2026-11', uploadedBytes: 5, downloadedBytes: 7 }
    writeFileSync(file, JSON.stringify(first))
    const book = await UsageLedger.open(file, () => new Date('2026-11-22T12:00:00Z'))
    expect(book.current()).toMatchObject({ uploadedBytes: 5, downloadedBytes: 7 })
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
