import type { Random } from '#test/support/models/random.ts'

/** What goes on around a computer in one second. */
export interface Moment {
  /** Whether the person touched mouse or keyboard. */
  readonly hasInput: boolean
  /** A game fills the screen: it takes nearly all of the card, and its gamepad is no input. */
  readonly isGaming: boolean
  readonly isUnplugged: boolean
  /** Share of the processor that other programs use. */
  readonly cpuByOthers: number
  readonly roomCelsius: number
}

const daySeconds = 86_400

/** A week of somebody who works by day, plays in the evening, and carries a laptop about. */
export class Household {
  readonly #random: Random
  readonly #hasBattery: boolean
  #pauseLeft = 0
  #burstLeft = 0

  constructor(random: Random, hasBattery: boolean) {
    this.#random = random
    this.#hasBattery = hasBattery
  }

  at(second: number): Moment {
    const day = Math.floor(second / daySeconds)
    const hour = (second % daySeconds) / 3600
    const isGaming = day % 2 === 0 && hour >= 20 && hour < 22
    const isHome =
      (hour >= 7.5 && hour < 8.2) || (hour >= 18 && hour < 23) || (day > 4 && hour > 10)
    return {
      hasInput: isHome && !isGaming && this.#touches(),
      isGaming,
      isUnplugged: this.#hasBattery && hour >= 13 && hour < 14.5,
      cpuByOthers: this.#load(),
      roomCelsius: 23 + 5 * Math.sin(((hour - 9) / 24) * 2 * Math.PI) + (day % 3)
    }
  }

  /** Typing, with breaks of seconds, and of up to twenty minutes now and then. */
  #touches(): boolean {
    if (this.#pauseLeft > 0) {
      this.#pauseLeft--
      return false
    }
    const isLong = this.#random.below(400) === 0
    this.#pauseLeft = isLong ? this.#random.below(1200) : this.#random.below(20)
    return true
  }

  /** Little, with bursts of some seconds, and of some minutes now and then. */
  #load(): number {
    if (this.#burstLeft > 0) {
      this.#burstLeft--
      return 0.4 + 0.5 * this.#random.uniform()
    }
    if (this.#random.below(1500) === 0) this.#burstLeft = this.#random.below(8)
    if (this.#random.below(15_000) === 0) this.#burstLeft = 60 + this.#random.below(120)
    return Math.abs(this.#random.gauss()) * 0.05
  }
}
