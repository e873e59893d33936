import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { z } from 'zod'

/** Node tells each request of `fetch` here before it is sent, redirects among them. */
const channel = 'undici:request:create'
const messageSchema = z.object({
  request: z.object({ origin: z.union([z.string(), z.instanceof(URL)]), method: z.string() })
})
/** Which work a request belongs to, however deep inside a library it is made. */
const works = new AsyncLocalStorage<symbol>()

/**
 * Tells `onOrigin` every place that `work` sends a request to. ipull follows redirects by itself and says nothing of them. What
 * goes through a proxy is told by where it goes in the end.
 */
export async function watchOrigins<Result>(
  onOrigin: (origin: URL) => void,
  work: () => Promise<Result>
): Promise<Result> {
  const id = Symbol('work')
  const onRequest = (message: unknown): void => {
    if (works.getStore() !== id) return
    const { request } = messageSchema.parse(message)
    // A tunnel through a proxy is a request to that proxy.
    if (request.method !== 'CONNECT') onOrigin(new URL(request.origin))
  }
  subscribe(channel, onRequest)
  try {
    return await works.run(id, work)
  } finally {
    unsubscribe(channel, onRequest)
  }
}
