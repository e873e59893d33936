import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { serveFile } from '#test/support/weights/file-server.ts'
import { downloadFile } from '#weights/download/download-file.ts'
import { parseAddress } from '#weights/download/model-address.ts'
import { useProxies } from '../../../src-main/node/models/use-proxies.ts'

const bytes = Buffer.alloc(300_000, 'skein')

test.each([
  ['through the proxy that the environment names', {}, true],
  ['past it where NO_PROXY says so', { NO_PROXY: '127.0.0.1' }, false]
])('a download goes %s', async (_, more, isProxied) => {
  const server = await serveFile(bytes)
  const proxy = await startProxy()
  onTestFinished(useProxies({ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, ...more }))
  const address = parseAddress('hf:owner/model/model.gguf', server.origin)
  const file = await downloadFile(address, temporaryFolder())
  expect(readFileSync(file).equals(bytes)).toBe(true)
  const host = new URL(server.origin).host
  expect(new Set(proxy.asked)).toEqual(new Set(isProxied ? [host] : []))
})

/** A proxy on 127.0.0.1 that makes tunnels and remembers where to. */
async function startProxy(): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = []
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', (request, socket) => {
    const { url = '' } = request
    asked.push(url)
    const target = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.pipe(socket).pipe(target)
    })
    for (const end of [socket, target]) end.on('error', () => target.destroy())
    onTestFinished(() => void target.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${portOf(server.address())}`, asked }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
