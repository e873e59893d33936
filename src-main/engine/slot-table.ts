import { SkeinError } from '#contract/errors.ts'

/**
 * Who holds which part of a KV cache: each slot reserves the cells of the longest sequence that it may reach, so that a
 * session which was let in never runs out of cells that another one took.
 */
export class SlotTable {
  readonly #reserved: (number | undefined)[]
  readonly #capacity: number

  constructor(slots: number, tokens: number) {
    this.#reserved = Array.from({ length: slots }, () => undefined)
    this.#capacity = tokens
  }

  free(): { slots: number; tokens: number } {
    let slots = 0
    let tokens = this.#capacity
    for (const reserved of this.#reserved) {
      if (reserved === undefined) slots++
      else tokens -= reserved
    }
    return { slots, tokens }
  }

  /**
   * Reserves the lowest free slot, or the given one. Throws `stage-full`, or `context-full` for a sequence that would
   * not fit even if the stage were empty.
   */
  open(tokens: number, slot = this.#reserved.indexOf(undefined)): number {
    if (!Number.isInteger(tokens) || tokens < 1) {
      throw new SkeinError('invalid-input', `a slot of ${tokens} tokens`)
    }
    if (tokens > this.#capacity) {
      throw new SkeinError('context-full', `${tokens} of ${this.#capacity} tokens`)
    }
    const free = this.free()
    if (free.slots === 0) throw new SkeinError('stage-full', 'no slot is free')
    if (tokens > free.tokens) {
      throw new SkeinError('stage-full', `${free.tokens} tokens are free, ${tokens} asked for`)
    }
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.#reserved.length) {
      throw new SkeinError('invalid-input', `slot ${slot}`)
    }
    if (this.#reserved[slot] !== undefined) {
      throw new SkeinError('invalid-input', `slot ${slot} is open already`)
    }
    this.#reserved[slot] = tokens
    return slot
  }

  isOpen(slot: number): boolean {
    return this.#reserved[slot] !== undefined
  }

  /** Tokens that the slot may hold. Throws `invalid-input` where it is not open. */
  reserved(slot: number): number {
    const reserved = this.#reserved[slot]
    if (reserved === undefined) throw new SkeinError('invalid-input', `slot ${slot} is not open`)
    return reserved
  }

  close(slot: number): void {
    if (this.isOpen(slot)) this.#reserved[slot] = undefined
  }
}
