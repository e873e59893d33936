import type { MessagePort } from 'node:worker_threads'
import { renderTemplate } from './render-template.ts'
import { templateRequestSchema, type TemplateReply } from './template-messages.ts'

/** The worker's end: answers each request on the port. */
export function serveTemplates(port: MessagePort): void {
  const reply = (message: TemplateReply): void => port.postMessage(message)
  port.on('message', (message: unknown) => {
    const { id, template, input } = templateRequestSchema.parse(message)
    try {
      reply({ kind: 'rendered', id, text: renderTemplate(template, input) })
    } catch (error) {
      reply({ kind: 'failed', id, reason: error instanceof Error ? error.message : String(error) })
    }
  })
  reply({ kind: 'ready' })
}
