import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ImportProgress } from '#contract/weights.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { serveFile, type FileServer } from '#test/support/weights/file-server.ts'
import { downloadFile, type DownloadOptions } from '#weights/download/download-file.ts'
import { isAddress, parseAddress } from '#weights/download/model-address.ts'

const bytes = Buffer.from(Uint8Array.from({ length: 20_000_000 }, (_, at) => (at * 31) >> 8))

/** Bytes of the file that a server was asked for at all, from its request number `from` on. */
function askedFor(server: FileServer, from = 0): number {
  const asked = new Uint8Array(bytes.length)
  for (const { range } of server.requests.slice(from)) {
    const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? '')
    if (match !== null) asked.fill(1, Number(match[1]), Number(match[2]) + 1)
  }
  return asked.reduce((sum, each) => sum + each, 0)
}

function download(
  { origin }: FileServer,
  folder: string,
  options: DownloadOptions = {}
): Promise<string> {
  return downloadFile(parseAddress(`${origin}/model.gguf`), folder, { retryMs: 1, ...options })
}

describe('an address', () => {
  test.each([
    ['hf:o/r/m.gguf', 'https://huggingface.co/o/r/resolve/main/m.gguf', 'm.gguf'],
    ['hf:o/r/q4/a b.gguf#v1', 'https://huggingface.co/o/r/resolve/v1/q4/a%20b.gguf', 'a b.gguf'],
    [
      'https://example.org/x/m.gguf?download=true',
      'https://example.org/x/m.gguf?download=true',
      'm.gguf'
    ]
  ])('%s is %s', (text, url, fileName) => {
    expect(isAddress(text)).toBe(true)
    const address = parseAddress(text)
    expect([address.url.href, address.fileName]).toEqual([url, fileName])
  })

  test('of a mirror', () => {
    const { url } = parseAddress('hf:o/r/m.gguf', 'https://mirror.example/hub/')
    expect(url.href).toBe('https://mirror.example/hub/o/r/resolve/main/m.gguf')
  })

  test.each([
    ['http://example.org/m.gguf', 'address-not-allowed'],
    ['hf:o/m.gguf', 'invalid-input'],
    ['https://example.org/readme.txt', 'invalid-input'],
    ['https://example.org/..%2F..%2Fm.gguf', 'invalid-input'],
    ['https://', 'invalid-input'],
    ['hf:o/r/m-00001-of-00003.gguf', 'model-split'],
    ['https://example.org/m-00002-of-00002.gguf', 'model-split']
  ])('%s is refused', (text, code) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code }))
  })

  test('of the only part is a whole model', () => {
    expect(parseAddress('hf:o/r/m-00001-of-00001.gguf').fileName).toBe('m-00001-of-00001.gguf')
  })

  test.each(['model.gguf', '/home/hf/model.gguf', 'C:\\models\\m.gguf'])('%s is a file', (text) => {
    expect(isAddress(text)).toBe(false)
  })
})

describe('a download', () => {
  test.each([true, false])('is whole, with ranges given: %s', async (ranges) => {
    const server = await serveFile(bytes, { ranges })
    const progress: ImportProgress[] = []
    const file = await download(server, temporaryFolder(), {
      onProgress: (it) => progress.push(it)
    })
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(progress.at(-1)).toMatchObject({ doneBytes: bytes.length, totalBytes: bytes.length })
  })

  test('that is there already is not downloaded again', async () => {
    const server = await serveFile(bytes)
    const folder = temporaryFolder()
    await download(server, folder)
    const before = server.requests.length
    await download(server, folder)
    expect(server.requests.slice(before).map(({ method }) => method)).toEqual(['HEAD'])
  })

  test('goes on after broken connections and server errors', async () => {
    const server = await serveFile(bytes, {
      misbehave: ({ method }, response, count) => {
        if (method === 'HEAD' || count > 6) return false
        if (count % 2 === 0) response.writeHead(503).end()
        else response.destroy()
        return true
      }
    })
    const file = await download(server, temporaryFolder())
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  test('that was stopped goes on with the rest', async () => {
    const server = await serveFile(bytes)
    const folder = temporaryFolder()
    const stop = new AbortController()
    const stopped = download(server, folder, {
      signal: stop.signal,
      onProgress: ({ doneBytes }) => {
        if (doneBytes > 18_000_000) stop.abort()
      }
    })
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
    const before = server.requests.length
    const file = await download(server, folder)
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(askedFor(server, before)).toBeLessThan(bytes.length)
  })

  test.each([
    [401, 'download-refused'],
    [403, 'download-refused'],
    [404, 'download-missing'],
    [500, 'download-failed']
  ])('ends with a reason when the server says %i', async (status, code) => {
    const server = await serveFile(bytes, {
      misbehave: (_request, response) => {
        response.writeHead(status).end()
        return true
      }
    })
    await expect(download(server, temporaryFolder())).rejects.toMatchObject({ code })
  })

  test('ends when the server is gone', async () => {
    const address = parseAddress('http://127.0.0.1:9/model.gguf')
    await expect(downloadFile(address, temporaryFolder())).rejects.toMatchObject({
      code: 'download-failed'
    })
  })

  test('of a file that changes on the way leaves nothing behind', async () => {
    let version = 1
    const server = await serveFile(bytes, { etag: () => `"${version}"` })
    const folder = temporaryFolder()
    const changing = download(server, folder, { onProgress: () => (version = 2) })
    await expect(changing).rejects.toMatchObject({ code: 'download-changed' })
    expect(readdirSync(folder)).toEqual([])
  })

  test('begins again when the part that is here is of another version', async () => {
    let version = 1
    const server = await serveFile(bytes, { etag: () => `"${version}"` })
    const folder = temporaryFolder()
    const stop = new AbortController()
    const stopped = download(server, folder, {
      signal: stop.signal,
      onProgress: () => stop.abort()
    })
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
    version = 2
    const before = server.requests.length
    await download(server, folder)
    expect(askedFor(server, before)).toBe(bytes.length)
  })
})

describe('a redirect', () => {
  test('is followed, and the token stays with the first server', async () => {
    const storage = await serveFile(bytes)
    const hub = await serveFile(bytes, {
      misbehave: (_request, response) => {
        response.writeHead(302, { location: `${storage.origin}/blob.gguf` }).end()
        return true
      }
    })
    await download(hub, temporaryFolder(), { token: 'secret' })
    expect(hub.requests[0]?.authorization).toBe('Bearer secret')
    expect(storage.requests.every(({ authorization }) => authorization === undefined)).toBe(true)
    expect(askedFor(storage)).toBe(bytes.length)
  })

  test.each([
    ['http://example.org/m.gguf', 'address-not-allowed'],
    ['/model.gguf', 'download-failed']
  ])('to %s is refused', async (location, code) => {
    const server = await serveFile(bytes, {
      misbehave: (_request, response) => {
        response.writeHead(302, { location }).end()
        return true
      }
    })
    await expect(download(server, temporaryFolder())).rejects.toMatchObject({ code })
    expect(server.requests.length).toBeLessThan(10)
  })

  test('to an unsafe place is refused in the middle of a download as well, and nothing is kept', async () => {
    const server = await serveFile(bytes, {
      misbehave: ({ method }, response, count) => {
        if (method === 'HEAD' || count < 3) return false
        response.writeHead(302, { location: 'http://skein.invalid/model.gguf' }).end()
        return true
      }
    })
    const folder = temporaryFolder()
    await expect(download(server, folder)).rejects.toMatchObject({ code: 'address-not-allowed' })
    expect(readdirSync(folder)).toEqual([])
  })
})
