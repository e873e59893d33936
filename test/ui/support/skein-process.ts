import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const toldSchema = z.object({ url: z.url(), port: z.int(), token: z.string() })

/** A built Skein at work in a process of its own, with a data folder of its own. */
export class SkeinProcess {
  readonly home = mkdtempSync(path.join(tmpdir(), 'skein-ui-'))
  #child: ChildProcess | undefined
  #told: z.infer<typeof toldSchema> | undefined

  get url(): string {
    return this.#told?.url ?? ''
  }

  get origin(): string {
    return new URL(this.url).origin
  }

  get port(): number {
    return this.#told?.port ?? 0
  }

  /** Resolves when the page can be opened. */
  async start(port = 0): Promise<void> {
    const child = spawn(
      path.join(root, 'node_modules/.bin/node'),
      [path.join(root, 'out/main/headless.js'), '--json', '--port', String(port)],
      { env: { ...process.env, SKEIN_HOME: this.home }, stdio: ['ignore', 'pipe', 'inherit'] }
    )
    this.#child = child
    for await (const line of createInterface({ input: child.stdout })) {
      this.#told = toldSchema.parse(JSON.parse(line))
      return
    }
    throw new Error('Skein ended before it was ready')
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child?.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }

  async dispose(): Promise<void> {
    await this.stop()
    rmSync(this.home, { recursive: true, force: true })
  }
}
