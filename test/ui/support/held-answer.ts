import type { Page, WebSocketRoute } from '@playwright/test'
import { z } from 'zod'
import { requestFrameSchema, responseFrameSchema } from '../../../src-main/contract/control.ts'

const itemKind = z.object({ kind: z.string() })

/** What passed between page and node. */
export interface HeldAnswer {
  /** Requests of the page that reached the node, by type. */
  readonly sent: string[]
  /** Breaks the connection, as a node does that ends. */
  cut(): Promise<void>
}

/**
 * Lets an answer of the real node begin, and holds back what follows its first words: the built-in model is too fast to be
 * stopped by hand. To be called before the page is opened.
 */
export async function holdAnswers(page: Page): Promise<HeldAnswer> {
  const sent: string[] = []
  let socket: WebSocketRoute | undefined
  await page.routeWebSocket('**/control', (route) => {
    socket = route
    const server = route.connectToServer()
    const held = new Set<number>()
    route.onMessage((message) => {
      const frame = requestFrameSchema.parse(JSON.parse(String(message)))
      sent.push(frame.type)
      server.send(message)
    })
    server.onMessage((message) => {
      const frame = responseFrameSchema.parse(JSON.parse(String(message)))
      if (held.has(frame.id)) return
      route.send(message)
      const kind = frame.type === 'item' ? itemKind.safeParse(frame.value).data?.kind : undefined
      if (kind === 'text') held.add(frame.id)
    })
  })
  return { sent, cut: async () => socket?.close() }
}
