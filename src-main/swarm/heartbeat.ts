import { RoundTrip } from './round-trip.ts'

/** Round trips measured when a connection is new: enough for a median. */
const firstSamples = 5
/** A connection counts as in use for this many beats after the last message of a session: longer than it takes to notice its end. */
const beatsInUse = 20
/** Pings on their way at once whose answers still count. */
const mostPings = 32

export interface HeartbeatOptions {
  readonly beatMs: number
  readonly silentBeats: number
  readonly lostBeats: number
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly ping: (nonce: number) => void
  /** Rises with whatever comes from the peer. */
  readonly heard: () => number
  /** Whether a session depends on this connection. */
  readonly isNeeded: () => boolean
  /** After `silentBeats`, and once only until something comes. */
  readonly onSilent: () => void
  /** After `lostBeats`. */
  readonly onLost: () => void
}

/**
 * Measures the round trip to a peer, and notices that it is gone while a session depends on it: UDP connections do not close when
 * the other end dies. Beats are counted, not clocks compared, so a computer that slept does not take everyone else for dead. A
 * connection that nobody uses costs nothing here.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #roundTrip = new RoundTrip()
  #timer: NodeJS.Timeout | undefined
  #nonce = 0
  /** When each ping was sent that is not answered yet: on a slow link several are on their way. */
  readonly #sentAt = new Map<number, number>()
  #samplesLeft = firstSamples
  #silent = 0
  #idle = 0
  #lastHeard = -1

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  /** In milliseconds. */
  get roundTripMillis(): number | undefined {
    return this.#roundTrip.median
  }

  /** The connection is ready: measures a few round trips, one after the other. */
  measure(): void {
    this.#ping()
  }

  onPong(nonce: number): void {
    const sentAt = this.#sentAt.get(nonce)
    if (sentAt === undefined) return
    for (const older of this.#sentAt.keys()) if (older <= nonce) this.#sentAt.delete(older)
    this.#roundTrip.add(this.#options.now() - sentAt)
    if (--this.#samplesLeft > 0) this.#ping()
  }

  /** A message of a session went by. */
  touch(): void {
    this.#idle = 0
    if (this.#timer !== undefined) return
    this.#silent = 0
    this.#lastHeard = -1
    this.#timer = setInterval(() => this.#beat(), this.#options.beatMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #beat(): void {
    if (!this.#options.isNeeded() && ++this.#idle > beatsInUse) return this.stop()
    const heard = this.#options.heard()
    this.#silent = heard === this.#lastHeard ? this.#silent + 1 : 0
    if (this.#silent === 0) this.#forgetPings()
    this.#lastHeard = heard
    if (this.#silent === this.#options.silentBeats) this.#options.onSilent()
    if (this.#silent < this.#options.lostBeats) return this.#ping()
    this.stop()
    this.#options.onLost()
  }

  /** A peer that lives and answered none of so many pings will not answer them any more. */
  #forgetPings(): void {
    const [oldest] = this.#sentAt.keys()
    if (oldest !== undefined && this.#sentAt.size > mostPings) this.#sentAt.delete(oldest)
  }

  #ping(): void {
    this.#nonce = (this.#nonce + 1) % 0xffff_ffff
    this.#sentAt.set(this.#nonce, this.#options.now())
    this.#options.ping(this.#nonce)
  }
}
