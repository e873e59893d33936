import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import OpenAI from 'openai'
import { onTestFinished } from 'vitest'
import { startApiServer, type ApiServer } from '#api/api-server.ts'
import { createChat, type Answer } from '#chat/chat.ts'
import type { ControlApi } from '#contract/control.ts'
import { silentLogger } from '#log/silent-logger.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { fakeModel } from './fake-answer.ts'

export interface ApiFixture extends ApiServer {
  readonly base: string
  readonly client: OpenAI
  /** As a program with the token asks. */
  readonly post: (route: string, body: unknown, signal?: AbortSignal) => Promise<Response>
  readonly close: () => Promise<void>
}

const noControl: ControlApi = {
  call: () => Promise.reject(new Error('no control in this test')),
  stream: () => {
    throw new Error('no control in this test')
  }
}

/** The real server on a free port, with whatever stands behind it, for one test. */
export async function startApi(
  answer: Answer,
  { control = noControl, port = 0 }: { control?: ControlApi; port?: number } = {}
): Promise<ApiFixture> {
  const pageFolder = temporaryFolder()
  writeFileSync(path.join(pageFolder, 'index.html'), '<!doctype html><title>page</title>')
  mkdirSync(path.join(pageFolder, 'assets'))
  writeFileSync(path.join(pageFolder, 'assets', 'index-1.js'), 'void 0')
  const server = await startApiServer({
    chat: createChat(() => [fakeModel], answer),
    control,
    pageFolder,
    port,
    log: silentLogger
  })
  onTestFinished(() => server.close())
  const base = `http://127.0.0.1:${server.port}`
  return {
    ...server,
    base,
    client: new OpenAI({ baseURL: `${base}/v1`, apiKey: server.token, maxRetries: 0 }),
    post: (route, body, signal) =>
      fetch(`${base}/v1${route}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(signal === undefined ? {} : { signal })
      })
  }
}

export const question = [{ role: 'user' as const, content: 'How do I pause lending?' }]
