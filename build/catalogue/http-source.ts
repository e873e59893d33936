import type { ByteSource } from '#model/byte-source.ts'

/** A file on a web server that gives ranges. */
export class HttpSource implements ByteSource {
  readonly size: number
  readonly #url: string

  private constructor(url: string, size: number) {
    this.#url = url
    this.size = size
  }

  static async open(url: string): Promise<HttpSource> {
    const response = await fetch(url, { method: 'HEAD' })
    const length = Number(response.headers.get('content-length'))
    if (!response.ok || length <= 0) throw new Error(`${url}: ${response.status}`)
    return new HttpSource(url, length)
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const range = `bytes=${offset}-${offset + length - 1}`
    const response = await fetch(this.#url, { headers: { range } })
    if (response.status !== 206) throw new Error(`${this.#url}: ${response.status}`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (bytes.length !== length) throw new Error(`${this.#url}: ${bytes.length} bytes`)
    return bytes
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
