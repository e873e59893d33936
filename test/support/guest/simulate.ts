import type { ReasonName } from '#contract/reasons.ts'
import type { Settings } from '#contract/settings.ts'
import type { Signals } from '#contract/signals.ts'
import { nextDuty, restingDuty } from '#host/governor/duty.ts'
import { decide, firstState } from '#policy/decide.ts'
import type { Now } from '#policy/known.ts'
import { Random } from '#test/support/models/random.ts'
import { Household, type Moment } from './household.ts'
import { calmSignals, knownWith, value } from './known.ts'
import { Plant, type PlantModel, type PlantReading } from './plant.ts'

export interface Simulation {
  readonly model: PlantModel
  readonly settings: Partial<Settings>
  readonly hasBattery: boolean
  readonly days: number
  readonly seed: number
}

export interface Outcome {
  /** Minutes in which a ceiling was crossed while Skein computed, once it had been at it for five. */
  readonly minutesAbove: number
  /** The most by which one was, from the first second on: °C, and share of the watts. */
  readonly overshootCelsius: number
  readonly overshootWatts: number
  /** What was computed, of what would have been with a perfect knowledge of the card, and of the person for all but their first minutes. */
  readonly used: number
  /** Most in any hour, but for those that the person caused by coming, going and their calendar. */
  readonly changesInAnHour: number
  readonly hoursLent: number
}

const settlingSeconds = 300
/** Monday, in UTC. */
const weekStart = Date.UTC(2026, 10, 16)

/** Runs the policy and the governor against a model of a card and of its household, second by second. */
export function simulate({ model, settings, hasBattery, days, seed }: Simulation): Outcome {
  const random = new Random(seed)
  const household = new Household(random, hasBattery)
  const plant = new Plant(model, random, 22)
  const known = knownWith({ settings })
  const ceilings = {
    celsius: known.settings.gpuCelsius,
    watts: known.settings.gpuWatts === 0 ? Infinity : known.settings.gpuWatts
  }
  const tally = new Tally()
  let policy = firstState
  let governed = restingDuty
  let idleSeconds = 0
  let reading: PlantReading = plant
  for (let second = 0; second < days * 86_400; second++) {
    const moment = household.at(second)
    idleSeconds = moment.hasInput ? 0 : idleSeconds + 1
    const signals = signalsOf(moment, reading, model.fullWatts, idleSeconds)
    const now: Now = {
      wall: weekStart + second * 1000,
      monotonic: second * 1000,
      timeZone: 'Europe/Berlin'
    }
    const decided = decide(policy, { ...known, signals }, now)
    policy = decided.state
    const { compute } = decided.decision.limits
    governed = nextDuty(governed, compute, signals, { seconds: 1, used: governed.duty })
    // Answers at work end soon; the world goes on without new ones.
    const duty = compute.work === 'yes' ? governed.duty : 0
    reading = plant.step(duty + (moment.isGaming ? 0.95 : 0), moment.roomCelsius)
    const isFree =
      idleSeconds >= known.settings.idleMinutes * 60 && !moment.isGaming && !moment.isUnplugged
    tally.second({
      second,
      duty,
      isByPerson: personReasons.has(decided.decision.reason),
      isLending: compute.work === 'yes',
      isFree,
      ideal: Math.min(compute.share, plant.idealDuty(moment.roomCelsius, ceilings)),
      aboveCelsius: plant.celsius - ceilings.celsius,
      aboveWatts: plant.watts / ceilings.watts - 1
    })
  }
  return tally.outcome()
}

function signalsOf(
  moment: Moment,
  { celsius, watts }: PlantReading,
  wattsLimit: number,
  idleSeconds: number
): Signals {
  const gpu = {
    id: '0000:01:00.0',
    name: 'Plant',
    celsius,
    watts,
    wattsLimit,
    use: moment.isGaming ? 0.95 : 0,
    useByOthers: moment.isGaming ? 0.95 : 0.03
  }
  return {
    ...calmSignals,
    idle: value(idleSeconds * 1000),
    gpus: value([gpu]),
    fullScreen: value(moment.isGaming),
    onBattery: value(moment.isUnplugged),
    cpuByOthers: value(moment.cpuByOthers)
  }
}

const personReasons: ReadonlySet<ReasonName> = new Set(['in-use', 'outside-schedule'])

interface Second {
  readonly second: number
  readonly duty: number
  readonly isLending: boolean
  readonly isByPerson: boolean
  readonly isFree: boolean
  readonly ideal: number
  readonly aboveCelsius: number
  readonly aboveWatts: number
}

class Tally {
  #used = 0
  #usable = 0
  #lentSeconds = 0
  #stoppedByPerson = true
  #lentSince: number | undefined
  #overshootCelsius = 0
  #overshootWatts = 0
  readonly #minutesAbove = new Set<number>()
  readonly #changes: number[] = []

  second(now: Second): void {
    const { second, duty, isLending } = now
    if (isLending !== (this.#lentSince !== undefined)) {
      // Lending resumes for the reason for which it stopped.
      if (!isLending) this.#stoppedByPerson = now.isByPerson
      if (!this.#stoppedByPerson) this.#changes.push(second)
      this.#lentSince = isLending ? second : undefined
    }
    this.#used += duty
    if (now.isFree) this.#usable += now.ideal
    if (duty === 0) return
    this.#lentSeconds++
    this.#overshootCelsius = Math.max(this.#overshootCelsius, now.aboveCelsius)
    this.#overshootWatts = Math.max(this.#overshootWatts, now.aboveWatts)
    const isSettled = second - (this.#lentSince ?? second) > settlingSeconds
    const isAbove = now.aboveCelsius > 0 || now.aboveWatts > 0
    if (isSettled && isAbove) this.#minutesAbove.add(Math.floor(second / 60))
  }

  outcome(): Outcome {
    return {
      minutesAbove: this.#minutesAbove.size,
      overshootCelsius: this.#overshootCelsius,
      overshootWatts: this.#overshootWatts,
      used: this.#used / this.#usable,
      changesInAnHour: this.#mostInAnHour(),
      hoursLent: this.#lentSeconds / 3600
    }
  }

  #mostInAnHour(): number {
    let most = 0
    let first = 0
    for (const [index, at] of this.#changes.entries()) {
      while ((this.#changes[first] ?? at) <= at - 3600) first++
      most = Math.max(most, index - first + 1)
    }
    return most
  }
}
