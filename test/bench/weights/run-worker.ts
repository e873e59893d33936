import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
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
  stop(): Promise<void>
}

/** What all measurements of one run share. */
export interface BenchRun {
  /** For stores; deleted at the end. */
  readonly folder: string
  /** Ends every process of the run. */
  readonly signal: AbortSignal
  /** Says what begins now. */
  readonly step: (what: string) => void
}

/** Starts a job in a process of its own. */
export function startWorker(
  name: string,
  job: unknown,
  signal: AbortSignal
): ChildProcessByStdio<null, Readable, null> {
  const child = spawn(process.execPath, [worker, name, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
    killSignal: 'SIGKILL'
  })
  // Whoever waits for its output sees it end.
  child.on('error', () => undefined)
  return child
}

/** Resolves when the process is gone. */
export async function endWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

/** Starts a job and waits for its first word. Throws when it ends without one. */
export async function runWorker(name: string, job: unknown, signal: AbortSignal): Promise<Worker> {
  const child = startWorker(name, job, signal)
  for await (const line of createInterface({ input: child.stdout })) {
    return { result: resultSchema.parse(JSON.parse(line)), stop: () => endWorker(child) }
  }
  throw new Error(signal.aborted ? 'the benchmark took too long' : `${name} ended without a result`)
}
