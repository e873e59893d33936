/** What may be shown after a piece of text came in. */
export interface StopResult {
  /** Text that cannot be part of a stop string any more. */
  readonly text: string
  /** The stop string that ended the answer; it is not part of `text`. */
  readonly stoppedBy?: string
}

/**
 * Watches an answer for stop strings as it streams. Text that may be the beginning of one is held back until the next
 * piece shows whether it is. The first stop string to be complete wins; of several that end at once, the one that begins
 * first.
 */
export class StopStrings {
  readonly #stops: readonly string[]
  #held = ''
  #isStopped = false

  /** Empty stop strings never match. */
  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '')
  }

  /** After a stop string came, everything further is dropped. */
  push(text: string): StopResult {
    if (this.#isStopped) return { text: '' }
    const before = this.#held.length
    const all = this.#held + text
    const found = this.#firstComplete(all, before)
    if (found !== undefined) {
      this.#isStopped = true
      this.#held = ''
      return { text: all.slice(0, found.at), stoppedBy: found.stop }
    }
    const keep = this.#beginningAtEnd(all)
    this.#held = all.slice(all.length - keep)
    return { text: all.slice(0, all.length - keep) }
  }

  /** The answer is over: what was held back is text after all. */
  end(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }

  /** Looks at each possible end in turn, as if the text had come character by character. */
  #firstComplete(all: string, before: number): { at: number; stop: string } | undefined {
    for (let end = before + 1; end <= all.length; end++) {
      const ending = this.#stops.filter((stop) => all.endsWith(stop, end))
      const [longest] = ending.toSorted((a, b) => b.length - a.length)
      if (longest !== undefined) return { at: end - longest.length, stop: longest }
    }
    return undefined
  }

  /** Length of the longest end of `all` with which a stop string begins. */
  #beginningAtEnd(all: string): number {
    let longest = 0
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, all.length); length > longest; length--) {
        if (all.endsWith(stop.slice(0, length))) longest = length
      }
    }
    return longest
  }
}
