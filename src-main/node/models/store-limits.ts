import type { Settings } from '#contract/settings.ts'
import type { WeightsStore } from '#weights/weights-store.ts'

/** Makes a store keep to what the person set; to be called again whenever that changes. `mayShare`: whether models may be shared now. */
export function limitStore(store: WeightsStore, settings: Settings, mayShare: boolean): void {
  store.setDownloadRate(limited(settings.downloadKilobytesPerSecond, 1e3))
  store.setDiskBudget(limited(settings.modelDiskGigabytes, 1e9))
  store.setUploadLimits({
    isAllowed: settings.seeding && mayShare,
    bytesPerSecond: limited(settings.uploadKilobytesPerSecond, 1e3),
    bytesPerMonth: limited(settings.uploadGigabytesPerMonth, 1e9)
  })
}

/** Of a setting, 0 sets no limit. */
function limited(value: number, unit: number): number {
  return value === 0 ? Infinity : value * unit
}
