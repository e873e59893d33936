import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { ControlApi } from '#contract/control.ts'
import type { Logger } from '#contract/log.ts'
import { SkeinError } from '#contract/errors.ts'
import type { Access } from '../access.ts'
import { ControlSession } from './control-session.ts'

/** As long as a prompt may be, and a little for the frame around it. */
const maxFrameBytes = 16 * 1024 * 1024

/** WebSocket's own codes for a connection that is closed for what it sent, or because Skein ends. */
const policyViolation = 1008
const goingAway = 1001

export interface ControlSockets {
  /** Closes every socket and all the work behind them. */
  close(): void
}

/** Serves the control channel as WebSocket at `/control`: one frame of the contract per message, as JSON. */
export function serveControlSockets(
  server: Server,
  api: ControlApi,
  access: Access,
  log: Logger
): ControlSockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes })
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const refusal = whyRefused(request, access)
    if (refusal !== undefined) {
      log.warn('a control socket was refused', { status: refusal })
      stream.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, stream, head, (socket) => serveSocket(socket, api, log))
  })
  return {
    close() {
      for (const socket of sockets.clients) {
        socket.close(goingAway)
        socket.terminate()
      }
      sockets.close()
    }
  }
}

function whyRefused(request: IncomingMessage, access: Access): string | undefined {
  if (request.url !== '/control') return '404 Not Found'
  return access.mayOpenSocket(request.headers) ? undefined : '401 Unauthorized'
}

function serveSocket(socket: WebSocket, api: ControlApi, log: Logger): void {
  const session = new ControlSession(api, (frame) => socket.send(JSON.stringify(frame)))
  socket.on('message', (data: Buffer) => {
    try {
      session.receive(JSON.parse(data.toString('utf8')))
    } catch (thrown) {
      log.warn('a control socket broke the protocol', { reason: SkeinError.from(thrown).message })
      session.close()
      socket.close(policyViolation)
    }
  })
  socket.on('close', () => session.close())
  // `close` follows; without a listener it would end the process.
  socket.on('error', (error) => log.warn('a control socket failed', { reason: error.message }))
}
