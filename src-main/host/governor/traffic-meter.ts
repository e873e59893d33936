/** The part of a connection that is counted. */
interface CountedStream {
  readonly rawBytesRead: number
  readonly rawBytesWritten: number
  on(event: 'close', listener: () => void): unknown
}

/** Bytes that went over connections to other peers, both ways, models and answers alike. */
export class TrafficMeter {
  readonly #open = new Set<CountedStream>()
  #closedBytes = 0
  #takenBytes = 0

  attach(stream: CountedStream): void {
    this.#open.add(stream)
    stream.on('close', () => {
      if (this.#open.delete(stream)) this.#closedBytes += bytesOf(stream)
    })
  }

  /** What went since it was asked last. */
  take(): number {
    const total = [...this.#open].reduce((sum, stream) => sum + bytesOf(stream), this.#closedBytes)
    const more = total - this.#takenBytes
    this.#takenBytes = total
    return more
  }
}

function bytesOf({ rawBytesRead, rawBytesWritten }: CountedStream): number {
  return rawBytesRead + rawBytesWritten
}
