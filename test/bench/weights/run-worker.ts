import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const worker = fileURLToPath(new URL('worker.ts', import.meta.url))

const resultSchema = z.object({
  seconds: z.number().default(0),
  bytes: z.number().default(0),
  /** On the wire, whatever it was. */
  received: z.number().default(0),
  /** Most memory that the process had. */
  megabytes: z.number(),
  key: z.string().default('')
})
export type WorkerResult = z.infer<typeof resultSchema>

export interface Worker {
  readonly result: WorkerResult
  stop(): void
}

/** Starts a job in a process of its own and waits for its first word. Throws when it ends without one. */
export async function runWorker(name: string, job: unknown): Promise<Worker> {
  const child = spawn(process.execPath, [worker, name, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  for await (const line of createInterface({ input: child.stdout })) {
    return { result: resultSchema.parse(JSON.parse(line)), stop: () => void child.kill('SIGKILL') }
  }
  throw new Error(`${name} ended without a result`)
}
