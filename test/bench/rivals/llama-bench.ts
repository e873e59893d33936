import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import { promisify } from 'node:util'
import { z } from 'zod'
import { median } from '../median.ts'
import type { Rivals } from './build-rivals.ts'

const run = promisify(execFile)

/** Tokens per second, the median over the repetitions. */
export interface Throughput {
  readonly prefill: number
  readonly decode: number
}

export interface BenchShape {
  readonly promptTokens: number
  readonly answerTokens: number
  readonly threads: number
  readonly repetitions: number
}

const outputSchema = z.array(
  z.object({ n_prompt: z.int(), n_gen: z.int(), samples_ts: z.array(z.number()).min(1) })
)

async function llamaBench(
  rivals: Rivals,
  model: string,
  shape: BenchShape,
  extra: readonly string[]
): Promise<Throughput> {
  const { stdout } = await run(
    rivals.llamaBench,
    [
      ...['-m', model, '-t', String(shape.threads), '-r', String(shape.repetitions), '-o', 'json'],
      ...['-p', String(shape.promptTokens), '-n', String(shape.answerTokens), ...extra]
    ],
    { maxBuffer: 16 << 20 }
  )
  const rows = outputSchema.parse(JSON.parse(stdout))
  const of = (isDecode: boolean): number =>
    median(rows.find((row) => row.n_gen > 0 === isDecode)?.samples_ts ?? [])
  return { prefill: of(false), decode: of(true) }
}

/** The whole model in one process, on this computer's processor. */
export function benchWhole(rivals: Rivals, model: string, shape: BenchShape): Promise<Throughput> {
  return llamaBench(rivals, model, shape, ['-ngl', '0'])
}

/** The model split over llama.cpp's RPC backend with two servers on loopback, as its own documentation has it. */
export async function benchRpc(
  rivals: Rivals,
  model: string,
  shape: BenchShape
): Promise<Throughput> {
  const servers = await Promise.all([startServer(rivals, shape), startServer(rivals, shape)])
  try {
    const endpoints = servers.map((server) => `127.0.0.1:${server.port}`).join(',')
    return await llamaBench(rivals, model, shape, ['-ngl', '99', '--rpc', endpoints])
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

interface RpcServer {
  readonly port: number
  stop(): Promise<void>
}

async function startServer(rivals: Rivals, shape: BenchShape): Promise<RpcServer> {
  const port = await freePort()
  const child = spawn(
    rivals.rpcServer,
    ['-H', '127.0.0.1', '-p', String(port), '-t', String(shape.threads)],
    { stdio: 'ignore' }
  )
  const exited = once(child, 'exit')
  while (child.exitCode === null && !(await accepts(port)));
  return {
    port,
    stop: async () => {
      child.kill('SIGKILL')
      await exited
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => setTimeout(() => resolve(false), 20))
  })
}
