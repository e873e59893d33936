/** How many items may still be sent: a stream takes one for each, its reader gives them back as it goes. */
export class Credits {
  #left: number
  #wake: (() => void) | undefined

  constructor(initial: number) {
    this.#left = initial
  }

  add(count: number): void {
    this.#left += count
    this.#wake?.()
  }

  /** Resolves when there is one to take. One taker at a time. */
  async take(): Promise<void> {
    while (this.#left === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#left--
  }
}
