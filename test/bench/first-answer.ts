import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Figure } from './goal.ts'
import { median } from './median.ts'

const entry = fileURLToPath(new URL('../../out/main/headless.js', import.meta.url))
const startedSchema = z.object({ port: z.int(), token: z.string() })

const runs = 3

/** From starting the built, headless Skein with an empty data folder to the first token of an answer over its API. */
export async function firstAnswer(): Promise<Figure> {
  const seconds: number[] = []
  while (seconds.length < runs) seconds.push(await oneFirstAnswer())
  return {
    name: 'start to first answer token, embedded model',
    value: median(seconds),
    unit: 's',
    goal: { atMost: 3 }
  }
}

async function oneFirstAnswer(): Promise<number> {
  const home = await mkdtemp(path.join(tmpdir(), 'skein-first-answer-'))
  const startedAt = performance.now()
  const child = spawn(process.execPath, [entry, '--port', '0', '--json'], {
    env: { ...process.env, SKEIN_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  try {
    const [line] = z.tuple([z.string()]).parse(await once(createInterface(child.stdout), 'line'))
    const { port, token } = startedSchema.parse(JSON.parse(line))
    const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        stream: true,
        messages: [{ role: 'user', content: 'What is Skein?' }]
      })
    })
    if (!response.ok || response.body === null) throw new Error(await response.text())
    let text = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      if (/"content":"[^"]/.test(text)) return (performance.now() - startedAt) / 1000
    }
    throw new Error(`no answer in: ${text}`)
  } finally {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
    await rm(home, { recursive: true, force: true })
  }
}
