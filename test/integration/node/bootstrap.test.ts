import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const script = fileURLToPath(new URL('../../../build/bootstrap/start.mjs', import.meta.url))
const toldSchema = z.object({ url: z.url(), port: z.int() })

interface Started {
  readonly child: ChildProcess
  readonly port: number
  readonly url: string
}

/** As `npm start` does, on a computer without a display; it builds first where the build is old. */
async function start(): Promise<Started> {
  const child = spawn(process.execPath, [script, '--json'], {
    env: { ...process.env, SKEIN_HOME: temporaryFolder(), DISPLAY: '', WAYLAND_DISPLAY: '' },
    stdio: ['ignore', 'pipe', 'ignore']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, ...toldSchema.parse(JSON.parse(line)) }
  }
  throw new Error('it ended before it was ready')
}

/** Resolves when nobody listens on the port any more. */
async function closed(port: number): Promise<void> {
  while (await connects(port)) await new Promise(setImmediate)
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

test('npm start serves the page, and ends when it is asked to', async () => {
  const { child, url, port } = await start()
  const admitted = await fetch(url, { redirect: 'manual' })
  const cookie = admitted.headers.get('set-cookie')?.split(';')[0] ?? ''
  const page = await fetch(new URL('/', url), { headers: { cookie } })
  expect(await page.text()).toContain('<div id="root">')
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  expect(await connects(port)).toBe(false)
})

test('Skein goes when whoever started it is killed', async () => {
  const { child, port } = await start()
  child.kill('SIGKILL')
  await closed(port)
})
