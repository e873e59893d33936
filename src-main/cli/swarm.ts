import path from 'node:path'
import type { GenerateEvent, GenerateInput } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { WireDtype } from '#contract/stage.ts'
import type { AppPaths } from '../app-paths.ts'
import { openLocalModel } from '../node/local-models.ts'
import { chooseThreads } from '../node/plan-stage.ts'
import { LocalSwarm } from './local-swarm.ts'
import type { PeerProcess } from './peer-process.ts'
import { shareLayers } from './share-layers.ts'
import { chainLines, reportLines } from './swarm-report.ts'

/** Most peers that one computer is asked to run. */
export const maxSwarmPeers = 16
/** KV cells of each stage: one conversation of this length. */
const contextTokens = 4096

export interface SwarmCommandOptions {
  readonly peers: number
  readonly prompt: string
  /** A GGUF file; the embedded model when absent. */
  readonly model?: string
  readonly dtype?: WireDtype
  readonly maxTokens?: number
  readonly temperature?: number
  readonly seed?: number
  /** CPU threads of each peer; when absent, all cores, which the peers use in turn. */
  readonly threads?: number
  /** One JSON object per event instead of text. */
  readonly json: boolean
}

export interface SwarmCommandIo {
  readonly paths: AppPaths
  readonly homeFolder: string
  write(text: string): void
  /** Ctrl-C. */
  readonly signal: AbortSignal
}

/**
 * Runs a swarm of peers on this computer and lets it answer one question. Throws `SkeinError`; no process is left, however it ends.
 */
export async function runSwarmCommand(
  options: SwarmCommandOptions,
  io: SwarmCommandIo
): Promise<void> {
  if (options.prompt.trim() === '') throw new SkeinError('prompt-empty')
  if (!Number.isInteger(options.peers) || options.peers < 1 || options.peers > maxSwarmPeers) {
    throw new SkeinError('invalid-input', `--peers takes 1 to ${maxSwarmPeers}`)
  }
  const modelFile = options.model ?? io.paths.embeddedModelFile
  const stageFolder = path.join(io.homeFolder, 'swarm-stages')
  const { info } = await openLocalModel(modelFile, stageFolder)
  const ranges = shareLayers(info, options.peers)
  const peerEntry = new URL(`./swarm-peer${path.extname(import.meta.url)}`, import.meta.url)
  const swarm = await LocalSwarm.start({ paths: io.paths, peerEntry, modelFile, stageFolder })
  try {
    const threads = options.threads ?? chooseThreads(info)
    const resources = { threads, slots: 1, contextTokens }
    const peers = ranges.map((range, index) =>
      swarm.add({ range, isAsked: index === 0, resources })
    )
    await untilServing(peers, io.signal)
    const [asked] = peers
    if (asked === undefined) throw new SkeinError('internal', 'no peers')
    const print = options.json ? printJson(io) : printText(io, info)
    for await (const event of ask(asked, options, io.signal)) print(event)
  } finally {
    await swarm.close()
  }
}

/** Resolves when every peer is ready and the first one knows the stages of all. */
async function untilServing(peers: readonly PeerProcess[], signal: AbortSignal): Promise<void> {
  const cancelled = Promise.withResolvers<never>()
  const cancel = (): void => cancelled.reject(new SkeinError('cancelled'))
  signal.addEventListener('abort', cancel, { once: true })
  cancelled.promise.catch(() => undefined)
  try {
    if (signal.aborted) cancel()
    const ready = Promise.all(peers.map((peer) => peer.ready))
    const known = peers[0]?.until((stages) => stages.length >= peers.length)
    await Promise.race([Promise.all([ready, known]), cancelled.promise])
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** A model without a chat template goes on with the text as it is. */
async function* ask(
  peer: PeerProcess,
  options: SwarmCommandOptions,
  signal: AbortSignal
): AsyncGenerator<GenerateEvent, void> {
  const question = { role: 'user' as const, content: options.prompt }
  const chat = { kind: 'chat' as const, messages: [question] }
  try {
    yield* peer.control.stream('chat.generate', requestOf(options, chat), signal)
  } catch (thrown) {
    const hasNoTemplate = thrown instanceof SkeinError && thrown.code === 'template-invalid'
    if (!hasNoTemplate) throw thrown
    const text = { kind: 'text' as const, text: options.prompt }
    yield* peer.control.stream('chat.generate', requestOf(options, text), signal)
  }
}

function requestOf(options: SwarmCommandOptions, prompt: GenerateInput['prompt']): GenerateInput {
  const { dtype, maxTokens, temperature, seed } = options
  return { prompt, dtype, maxTokens, sampling: { temperature, seed } }
}

function printJson(io: SwarmCommandIo): (event: GenerateEvent) => void {
  return (event) => io.write(`${JSON.stringify(event)}\n`)
}

function printText(
  io: SwarmCommandIo,
  model: Parameters<typeof chainLines>[0]
): (event: GenerateEvent) => void {
  return (event) => {
    if (event.kind === 'route') io.write(`${chainLines(model, event.route).join('\n')}\n\n`)
    if (event.kind === 'text') io.write(event.text)
    if (event.kind === 'end') {
      const error =
        event.error === undefined ? '' : `\n${event.error.sentence} ${event.error.remedy}\n`
      io.write(`\n${error}\n${reportLines(event.report).join('\n')}\n`)
    }
  }
}
