import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { ControlApi } from '#contract/control.ts'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { Chat } from '#chat/chat.ts'
import { Access } from './access.ts'
import { createApp } from './app.ts'
import { serveControlSockets } from './control/control-socket.ts'
import { createToken } from './token.ts'

/** The only interface that Skein serves on: never the network. */
const loopback = '127.0.0.1'

export interface ApiServerOptions {
  readonly chat: Chat
  readonly control: ControlApi
  readonly pageFolder: string
  /** 0 takes any free one. */
  readonly port: number
  readonly log: Logger
}

export interface ApiServer {
  readonly port: number
  readonly token: string
  /** Opens the page: it carries the token. */
  readonly url: string
  /** Ends every connection, and with it every answer on its way. */
  close(): Promise<void>
}

/** Throws `port-in-use`. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const server = createServer()
  const port = await listen(server, options.port)
  const token = createToken()
  const access = new Access(token, port)
  const app = createApp({ chat: options.chat, access, pageFolder: options.pageFolder })
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  server.on('request', (request, response) => void answer(request, response))
  const sockets = serveControlSockets(server, options.control, access, options.log)
  options.log.info('the loopback server is up', { port })
  return {
    port,
    token,
    url: `http://${loopback}:${port}/?token=${token}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      sockets.close()
      server.closeAllConnections()
      await closed
    }
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE' || error.code === 'EACCES'
      reject(SkeinError.from(error, isTaken ? 'port-in-use' : 'internal'))
    })
    server.listen(port, loopback, () => resolve(portOf(server.address())))
  })
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new SkeinError('internal', 'no port')
  return address.port
}
