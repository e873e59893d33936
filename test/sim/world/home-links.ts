import type { Random } from '#test/support/models/random.ts'

/**
 * Where peers live: the share of each region and its middle, in degrees. Our assumption, after where the users of volunteer computing
 * are (Anderson, "BOINC: a platform for volunteer computing", 2020: Europe and North America by far the most).
 */
const regions = [
  { share: 0.36, latitude: 50, longitude: 10 },
  { share: 0.18, latitude: 40, longitude: -78 },
  { share: 0.1, latitude: 37, longitude: -118 },
  { share: 0.14, latitude: 34, longitude: 118 },
  { share: 0.07, latitude: 36, longitude: 138 },
  { share: 0.06, latitude: 20, longitude: 78 },
  { share: 0.06, latitude: -20, longitude: -48 },
  { share: 0.03, latitude: -34, longitude: 148 }
] as const
/** Deviation of a home's place from its region's middle, in degrees. */
const scatter = 6

/**
 * Light in glass covers 200 km in a millisecond; ways through the Internet are about twice as long as the great circle (Bozkurt et al.,
 * "Why is the Internet so slow?!", 2017: the median ping takes 3.2 times the great circle at the speed of light in vacuum).
 */
const kilometresPerMilli = 200 / 2.1

/**
 * A home's own line adds this much to a round trip: median 13 ms, the middle of fibre (about 10) and cable (about 18) in the FCC's
 * "Measuring Fixed Broadband" reports; the spread is our assumption.
 */
const access = { medianMillis: 13, deviation: 0.5 } as const

/**
 * Download: the FCC's definition of broadband, 100 Mbit/s, is near the median of Ookla's Speedtest Global Index for fixed lines (2024);
 * the spread is our assumption.
 */
const download = { medianMegabits: 100, deviation: 0.8 } as const

export interface HomeLink {
  readonly latitude: number
  readonly longitude: number
  /** What the line adds to a round trip, in milliseconds. */
  readonly accessMillis: number
  readonly downloadBytesPerSecond: number
}

export function drawLink(random: Random): HomeLink {
  let left = random.uniform()
  const region = regions.find(({ share }) => (left -= share) < 0) ?? regions[0]
  return {
    latitude: region.latitude + random.gauss() * scatter,
    longitude: region.longitude + random.gauss() * scatter,
    accessMillis: access.medianMillis * Math.exp(random.gauss() * access.deviation),
    downloadBytesPerSecond:
      (download.medianMegabits * Math.exp(random.gauss() * download.deviation) * 1e6) / 8
  }
}

/** Round trip between two homes, in milliseconds. */
export function roundTripMillis(a: HomeLink, b: HomeLink): number {
  return (2 * kilometresBetween(a, b)) / kilometresPerMilli + (a.accessMillis + b.accessMillis) / 2
}

/** Along the great circle. */
function kilometresBetween(a: HomeLink, b: HomeLink): number {
  const radians = Math.PI / 180
  const [x, y] = [a.latitude * radians, b.latitude * radians]
  const turn = (a.longitude - b.longitude) * radians
  const cosine = Math.sin(x) * Math.sin(y) + Math.cos(x) * Math.cos(y) * Math.cos(turn)
  return 6371 * Math.acos(Math.min(1, Math.max(-1, cosine)))
}
