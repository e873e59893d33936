import { ControlClient } from '#contract/control-client.ts'
import { SkeinError } from '#contract/errors.ts'
import { ConnectionStore, type Connection } from './connection.ts'

const firstRetryMs = 500
const longestRetryMs = 5000

/** The control channel over the loopback WebSocket; comes back by itself, a little slower each time. */
export function connectSocket(): Connection {
  const store = new ConnectionStore()
  let retryMs = firstRetryMs
  function connect(): void {
    const socket = new WebSocket(`ws://${location.host}/control`)
    const client = new ControlClient((frame) => socket.send(JSON.stringify(frame)))
    socket.onopen = () => {
      retryMs = firstRetryMs
      store.set({ kind: 'open', client })
    }
    socket.onmessage = (event: MessageEvent<string>) => client.receive(JSON.parse(event.data))
    socket.onclose = () => {
      client.close(new SkeinError('connection-lost'))
      void isLocked().then((locked) => store.set({ kind: locked ? 'locked' : 'lost' }))
      setTimeout(connect, retryMs)
      retryMs = Math.min(retryMs * 2, longestRetryMs)
    }
  }
  connect()
  return store
}

/** A browser does not say why a socket was refused; the page's own address does. */
async function isLocked(): Promise<boolean> {
  try {
    return (await fetch('/', { method: 'HEAD', cache: 'no-store' })).status === 401
  } catch {
    return false
  }
}
