import type { StageSpeed } from '../stage-types.ts'

/** Weight of the newest measurement. */
const newest = 0.1
/** Fewer rows say little about a prefill. */
const prefillRows = 16

/** How fast a stage computes, from its own calls. */
export class SpeedMeter {
  readonly #layers: number
  #microsPerLayer: number | undefined
  #prefillTokensPerSecond: number | undefined

  constructor(layers: number) {
    this.#layers = layers
  }

  record(rows: number, micros: number): void {
    if (micros <= 0) return
    if (rows === 1) {
      this.#microsPerLayer = blend(this.#microsPerLayer, micros / this.#layers)
    } else if (rows >= prefillRows) {
      this.#prefillTokensPerSecond = blend(this.#prefillTokensPerSecond, (rows * 1e6) / micros)
    }
  }

  get(): StageSpeed {
    return {
      ...(this.#microsPerLayer !== undefined && { microsPerLayer: this.#microsPerLayer }),
      ...(this.#prefillTokensPerSecond !== undefined && {
        prefillTokensPerSecond: this.#prefillTokensPerSecond
      })
    }
  }
}

function blend(average: number | undefined, value: number): number {
  return average === undefined ? value : average + newest * (value - average)
}
