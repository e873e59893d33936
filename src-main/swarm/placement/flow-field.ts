/** Stages between two points, together. */
export interface Wire {
  /** Indexes of points; `from < to`. */
  readonly from: number
  readonly to: number
  /** Work per second, in layers of a typical peer. */
  readonly rate: number
}

/**
 * What a layer conducts that nobody hosts, against 1 for a typical peer: next to nothing, so that all of the drop falls on gaps, and
 * something, so that several gaps can be told apart.
 */
const nobody = 1e-4

/**
 * The share of each stage that is taken as if it could be entered at every point. None can; but where all depth lies in long ranges, a
 * short one inside of them leads nowhere until another short one completes it, and without this nobody would begin. More than a tenth,
 * and ranges that meet nothing look good: of 50 peers with full knowledge, 0.61 to 0.68 of the best throughput became 0.3 to 0.4.
 */
const tapped = 0.1

/**
 * How tokens would flow from the first layer to the last, taken as a current through the stages: each stage is a wire between the layers
 * where it begins and ends, as long as its layers and as thick as its peer is fast. Where the swarm is thin, the voltage drops steeply;
 * where stages do not meet end to end, it does too. Once the drop is the same at every layer, the current through each stage is what
 * the stage can do, and nothing in the swarm is idle: then the flow is the largest that these peers can give. So whoever comes takes
 * the range with the steepest drop.
 *
 * Currents stand for flows as in Christiano, Kelner, Madry, Spielman and Teng, "Electrical flows, Laplacian systems, and faster
 * approximation of maximum flow" (2011), but for one step only: it is taken by one peer at a time, each with what it knows.
 */
export class FlowField {
  readonly #points: readonly number[]
  /** Inverse of the Laplacian without its first and last point, which are held at 1 and 0; row by row. */
  readonly #inverse: Float64Array
  readonly #voltage: Float64Array

  /** `points`: layers, ascending, with 0 and the end. */
  constructor(points: readonly number[], wires: readonly Wire[]) {
    this.#points = points
    const inner = points.length - 2
    const laplacian = new Float64Array(inner * inner)
    const fromFirst = new Float64Array(inner)
    const connect = (from: number, to: number, conductance: number): void => {
      const [a, b] = [from - 1, to - 1]
      if (a >= 0) add(laplacian, a * inner + a, conductance)
      if (b < inner) add(laplacian, b * inner + b, conductance)
      if (a >= 0 && b < inner) {
        add(laplacian, a * inner + b, -conductance)
        add(laplacian, b * inner + a, -conductance)
      }
      if (a < 0 && b < inner) add(fromFirst, b, conductance)
    }
    for (let index = 1; index < points.length; index++) {
      connect(index - 1, index, nobody / this.#layers(index - 1, index))
    }
    for (const { from, to, rate } of wires) {
      connect(from, to, (1 - tapped) * this.#conductance(from, to, rate))
      const throughput = rate / this.#layers(from, to)
      for (let index = from; index < to; index++) {
        connect(index, index + 1, (tapped * throughput) / this.#layers(index, index + 1))
      }
    }
    this.#inverse = invert(laplacian, inner)
    this.#voltage = multiply(this.#inverse, fromFirst)
  }

  /**
   * How much more current would flow with one more stage: what the swarm gains by it. Exact for any size of the stage (Sherman and
   * Morrison's formula for the change of one element).
   */
  gain({ from, to, rate }: Wire): number {
    const drop = this.#voltageAt(from) - this.#voltageAt(to)
    const conductance = this.#conductance(from, to, rate)
    const resistance =
      this.#inverseAt(from, from) + this.#inverseAt(to, to) - 2 * this.#inverseAt(from, to)
    // A drop the wrong way round: a stage there would turn tokens back.
    return drop <= 0 ? 0 : (conductance * drop ** 2) / (1 + conductance * resistance)
  }

  /** A peer that hosts n layers gives each the n-th part of its rate, and is a wire of n such pieces in a row. */
  #conductance(from: number, to: number, rate: number): number {
    return rate / this.#layers(from, to) ** 2
  }

  #layers(from: number, to: number): number {
    return (this.#points[to] ?? NaN) - (this.#points[from] ?? NaN)
  }

  #voltageAt(point: number): number {
    if (point === 0) return 1
    return this.#voltage[point - 1] ?? 0
  }

  #inverseAt(a: number, b: number): number {
    const inner = this.#points.length - 2
    if (a === 0 || b === 0 || a > inner || b > inner) return 0
    return this.#inverse[(a - 1) * inner + (b - 1)] ?? 0
  }
}

function add(cells: Float64Array, index: number, value: number): void {
  cells[index] = (cells[index] ?? 0) + value
}

/**
 * Of a symmetric positive definite matrix, row by row, in place: Goodnight's sweep operator ("A tutorial on the sweep operator", 1979) on
 * the lower triangle, stable without pivots for such a one.
 */
function invert(matrix: Float64Array, size: number): Float64Array {
  const swept = new Float64Array(size)
  for (let pivot = 0; pivot < size; pivot++) {
    for (let row = 0; row < size; row++) {
      const index = row < pivot ? pivot * size + row : row * size + pivot
      swept[row] = matrix[index] ?? 0
    }
    const scale = 1 / (swept[pivot] ?? 1)
    for (let row = 0; row < size; row++) {
      const start = row * size
      const factor = (swept[row] ?? 0) * scale
      for (let column = 0; column <= row; column++) {
        matrix[start + column] = (matrix[start + column] ?? 0) - factor * (swept[column] ?? 0)
      }
    }
    for (let row = 0; row < size; row++) {
      const index = row < pivot ? pivot * size + row : row * size + pivot
      matrix[index] = row === pivot ? -scale : (swept[row] ?? 0) * scale
    }
  }
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      const value = -(matrix[row * size + column] ?? 0)
      matrix[row * size + column] = value
      matrix[column * size + row] = value
    }
  }
  return matrix
}

function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length
  return vector.map((_, row) => {
    let sum = 0
    for (let column = 0; column < size; column++) {
      sum += (matrix[row * size + column] ?? 0) * (vector[column] ?? 0)
    }
    return sum
  })
}
