import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

export interface FileServer {
  readonly origin: string
  /** Method, path, range and authorization of each request, in order. */
  readonly requests: readonly ServedRequest[]
}

interface ServedRequest {
  readonly method: string
  readonly path: string
  readonly range: string | undefined
  readonly authorization: string | undefined
}

/** Returns true when it answered, in its own way. */
type Misbehave = (request: IncomingMessage, response: ServerResponse, count: number) => boolean

export interface FileServerOptions {
  readonly ranges?: boolean
  /** Asked at each request. */
  readonly etag?: () => string
  readonly misbehave?: Misbehave
}

/** A server on 127.0.0.1 that gives one file at every path, unless the test wants otherwise. */
export async function serveFile(
  bytes: Buffer,
  options: FileServerOptions = {}
): Promise<FileServer> {
  const { ranges = true, etag = () => '"1"', misbehave = () => false } = options
  const requests: ServedRequest[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    const { range, authorization } = headers
    requests.push({ method, path: url, range, authorization })
    if (misbehave(request, response, requests.length)) return
    response.setHeader('etag', etag())
    if (ranges) response.setHeader('accept-ranges', 'bytes')
    const match = ranges ? /^bytes=(\d+)-(\d+)$/.exec(range ?? '') : null
    const body = match === null ? bytes : bytes.subarray(Number(match[1]), Number(match[2]) + 1)
    if (match !== null) {
      response.setHeader('content-range', `bytes ${match[1]}-${match[2]}/${bytes.length}`)
    }
    response.writeHead(match === null ? 200 : 206, { 'content-length': body.length })
    if (method === 'HEAD') return response.end()
    return response.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { origin: `http://127.0.0.1:${address.port}`, requests }
}
