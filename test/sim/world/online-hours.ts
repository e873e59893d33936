import type { Random } from '#test/support/models/random.ts'

/**
 * When a PC is on and lends. That a large part of peers is very stable while the rest come and go quickly, and that sessions follow a
 * Weibull distribution (shape 0.59, scale 42 minutes for the longest-lived of three networks), is measured: Stutzbach and Rejaie,
 * "Understanding churn in peer-to-peer networks" (2006). The shares of the three kinds are our assumption.
 */
const kinds = [
  { kind: 'always', share: 0.2 },
  { kind: 'evenings', share: 0.45 },
  { kind: 'fleeting', share: 0.35 }
] as const

const hour = 3600
const day = 24 * hour
/** Sessions of the fleeting kind, and the pauses between them, four times as long: seconds. */
const fleeting = { shape: 0.59, scale: 42 * 60, pauseFactor: 4 } as const
/** An always-on PC restarts for updates now and then. */
const alwaysOn = { meanHours: 120, restartMinutes: 10 } as const
/** An evening begins about 17:30 of local time and lasts about five hours. */
const evening = { startHour: 17.5, startDeviation: 2, hours: 5, hoursDeviation: 1.5 } as const

export interface OnlineHours {
  readonly kind: (typeof kinds)[number]['kind']
  /** East of Greenwich, in degrees: 15 make an hour. */
  readonly longitude: number
}

/** From `from` to `until`, in seconds of the simulation, which begins at midnight in Greenwich. */
export interface Spell {
  readonly from: number
  readonly until: number
}

export function drawHours(random: Random, longitude: number): OnlineHours {
  let left = random.uniform()
  const { kind } = kinds.find(({ share }) => (left -= share) < 0) ?? kinds[0]
  return { kind, longitude }
}

/** The next time that this PC is on, beginning at `now` or later. At time 0 a PC may be in the middle of it. */
export function nextSpell({ kind, longitude }: OnlineHours, now: number, random: Random): Spell {
  if (kind === 'always') {
    const from = now === 0 ? 0 : now + alwaysOn.restartMinutes * 60
    return { from, until: from - Math.log(1 - random.uniform()) * alwaysOn.meanHours * hour }
  }
  if (kind === 'fleeting') {
    const pause = weibull(random) * fleeting.pauseFactor
    // A fifth of the time on: the first spell of one in five has begun already.
    const from = now === 0 && random.uniform() < 1 / (1 + fleeting.pauseFactor) ? 0 : now + pause
    return { from, until: from + weibull(random) }
  }
  const midnight = -(longitude / 360) * day
  const today = Math.floor((now - midnight) / day)
  for (let date = today - 1; ; date++) {
    const start =
      midnight + date * day + (evening.startHour + random.gauss() * evening.startDeviation) * hour
    const length = Math.max(0.5, evening.hours + random.gauss() * evening.hoursDeviation) * hour
    if (now === 0 ? start + length > 0 : start > now) {
      return { from: Math.max(0, start), until: start + length }
    }
  }
}

function weibull(random: Random): number {
  return fleeting.scale * (-Math.log(1 - random.uniform())) ** (1 / fleeting.shape)
}
