import { expect, test } from 'vitest'
import { settingsSchema } from '#contract/settings.ts'
import { openStore } from '#test/support/weights/store-fixture.ts'
import { limitStore } from '../../../src-main/node/models/store-limits.ts'

test('a store gives nothing before the person agreed, then no more than they set; 0 sets no limit', async () => {
  const store = await openStore()
  limitStore(store, settingsSchema.parse({}), true)
  const careful = { bytesPerSecond: 1_000_000, bytesPerMonth: 100e9 }
  expect(store.uploadLimits).toEqual({ isAllowed: false, ...careful })
  limitStore(store, settingsSchema.parse({ seeding: true }), true)
  expect(store.uploadLimits).toEqual({ isAllowed: true, ...careful })
  const open = { seeding: true, uploadKilobytesPerSecond: 0, uploadGigabytesPerMonth: 0 }
  limitStore(store, settingsSchema.parse(open), true)
  expect(store.uploadLimits).toEqual({
    isAllowed: true,
    bytesPerSecond: Infinity,
    bytesPerMonth: Infinity
  })
})

test('what the computer forbids for now holds, whatever was agreed to', async () => {
  const store = await openStore()
  limitStore(store, settingsSchema.parse({ seeding: true }), false)
  expect(store.uploadLimits.isAllowed).toBe(false)
})
