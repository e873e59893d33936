import type { RawStream } from '@hyperswarm/secret-stream'
import { Duplex } from 'streamx'
import type { LinkState } from './link-state.ts'

type Done = (error: Error | null) => void

/**
 * Stands between a connection and the network and makes the link slow, late, broken or dead on order. Each end shapes what it sends,
 * so a round trip has the delays of both.
 */
export class ShapedStream extends Duplex implements RawStream {
  declare setContentSize?: (bytes: number) => void
  readonly #raw: RawStream
  /** `undefined` while nobody knows yet who is at the other end. */
  readonly #state: () => LinkState | undefined
  /** When the link has sent all that was given to it, and when the last of it arrives; by `performance.now`. */
  #busyUntil = 0
  #arrivesAt = 0
  #onTheWay = 0
  #whenEmpty: Done | undefined

  constructor(raw: RawStream, state: () => LinkState | undefined) {
    super()
    this.#raw = raw
    this.#state = state
    raw.on('data', (data: unknown) => {
      if (this.#state()?.isCut === true) return
      if (!this.push(data)) raw.pause()
    })
    raw.on('end', () => this.push(null))
    raw.on('error', (error: Error) => this.destroy(error))
    raw.on('close', () => this.destroy())
  }

  override _read(done: Done): void {
    this.#raw.resume()
    done(null)
  }

  override _write(data: unknown, done: Done): void {
    const state = this.#state()
    if (state?.isCut === true || !(data instanceof Uint8Array)) return done(null)
    const bytes = state?.isCorrupt === true ? damaged(data, state) : data
    if (state?.shape === undefined && this.#onTheWay === 0) return this.#pass(bytes, done)
    const { delayMillis = 0, jitterMillis = 0, bytesPerSecond } = state?.shape ?? {}
    const now = performance.now()
    const sending = bytesPerSecond === undefined ? 0 : (bytes.byteLength / bytesPerSecond) * 1000
    this.#busyUntil = Math.max(now, this.#busyUntil) + sending
    const arrival = this.#busyUntil + delayMillis + Math.random() * jitterMillis
    this.#arrivesAt = Math.max(this.#arrivesAt, arrival)
    this.#onTheWay++
    setTimeout(() => this.#arrive(bytes), this.#arrivesAt - now)
    setTimeout(() => done(null), this.#busyUntil - now)
  }

  override _final(done: Done): void {
    const end = (): void => {
      this.#raw.end(undefined)
      done(null)
    }
    if (this.#onTheWay === 0) end()
    else this.#whenEmpty = end
  }

  override _predestroy(): void {
    this.#raw.destroy()
  }

  #arrive(bytes: Uint8Array): void {
    this.#onTheWay--
    if (this.#state()?.isCut !== true && !this.destroying) this.#raw.write(bytes)
    if (this.#onTheWay === 0) this.#whenEmpty?.(null)
  }

  #pass(bytes: Uint8Array, done: Done): void {
    if (this.#raw.write(bytes)) done(null)
    else this.#raw.once('drain', () => done(null))
  }
}

/** A copy with one bit turned over, behind the length that the frame begins with. */
function damaged(data: Uint8Array, state: LinkState): Uint8Array {
  state.isCorrupt = false
  const copy = new Uint8Array(data)
  const last = copy.length - 1
  copy[last] = (copy[last] ?? 0) ^ 1
  return copy
}
