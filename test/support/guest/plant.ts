import type { Random } from '#test/support/models/random.ts'

/** A graphics card and what cools it. */
export interface PlantModel {
  readonly idleWatts: number
  readonly fullWatts: number
  /** °C above the room for each watt, once it has settled. */
  readonly celsiusPerWatt: number
  /** Seconds in which it comes within a third of where it will settle. */
  readonly heatingSeconds: number
  /** Seconds by which its sensors lag. */
  readonly sensorLag: number
  /** Standard deviations of what they say. */
  readonly celsiusNoise: number
  readonly wattsNoise: number
}

/** What the card's sensors say. */
export interface PlantReading {
  readonly celsius: number
  readonly watts: number
}

/** A card that warms as a body with one heat capacity does. Steps of a second. */
export class Plant {
  readonly model: PlantModel
  readonly #random: Random
  readonly #lagged: PlantReading[] = []
  celsius: number
  watts: number

  constructor(model: PlantModel, random: Random, roomCelsius: number) {
    this.model = model
    this.#random = random
    this.celsius = roomCelsius + model.idleWatts * model.celsiusPerWatt
    this.watts = model.idleWatts
  }

  /** One second, in which so much of the time was spent computing, by Skein and by others. */
  step(duty: number, roomCelsius: number): PlantReading {
    const { idleWatts, fullWatts, celsiusPerWatt, heatingSeconds, sensorLag } = this.model
    this.watts = idleWatts + (fullWatts - idleWatts) * Math.min(1, duty)
    const settled = roomCelsius + this.watts * celsiusPerWatt
    this.celsius += (settled - this.celsius) * (1 - Math.exp(-1 / heatingSeconds))
    this.#lagged.push({
      // Drivers tell whole degrees.
      celsius: Math.round(this.celsius + this.#random.gauss() * this.model.celsiusNoise),
      watts: this.watts + this.#random.gauss() * this.model.wattsNoise
    })
    const oldest = this.#lagged[0] ?? { celsius: this.celsius, watts: this.watts }
    if (this.#lagged.length > sensorLag) this.#lagged.shift()
    return oldest
  }

  /** The largest share at which neither ceiling would ever be crossed, in a room of this temperature. */
  idealDuty(
    roomCelsius: number,
    ceilings: { readonly celsius: number; readonly watts: number }
  ): number {
    const { idleWatts, fullWatts, celsiusPerWatt } = this.model
    const wattsByHeat = (ceilings.celsius - roomCelsius) / celsiusPerWatt
    const watts = Math.min(wattsByHeat, ceilings.watts, fullWatts)
    return Math.max(0, (watts - idleWatts) / (fullWatts - idleWatts))
  }
}
