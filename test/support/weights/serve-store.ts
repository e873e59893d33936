import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import SecretStream from '@hyperswarm/secret-stream'
import { onTestFinished } from 'vitest'
import type { WeightsStore } from '#weights/weights-store.ts'

/** Gives a store's blocks to whoever connects on 127.0.0.1. Resolves to the port. */
export async function serveStore(store: WeightsStore): Promise<number> {
  const server = createServer((socket) => {
    const connection = new SecretStream(false, socket)
    connection.on('error', () => undefined)
    store.attach(connection)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return portOf(server.address())
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
