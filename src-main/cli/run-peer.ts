import { ControlSession } from '#api/control/control-session.ts'
import { SkeinError } from '#contract/errors.ts'
import { createNode, type SkeinNode } from '../node.ts'
import { toPeerSchema, type FromPeer, type PeerConfig } from './peer-messages.ts'
import type { WrapRawStream } from '#swarm/guarded-dht.ts'

/** What a test's peer adds. */
export interface PeerExtras {
  readonly wrapRawStream?: WrapRawStream
  readonly onOrder?: (order: unknown) => void
}

/**
 * Runs one peer in this process on the orders of the process that forked it, and ends when that one is gone. Ctrl-C reaches the whole
 * group of processes; the parent decides what it means.
 */
export function runPeer(extras: PeerExtras = {}): void {
  let node: SkeinNode | undefined
  let session: ControlSession | undefined
  let isEnding = false

  const say = (message: FromPeer): void => {
    // A parent that is gone hears nothing; the end of the channel ends this process.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
  }
  const end = async (): Promise<void> => {
    if (isEnding) return
    isEnding = true
    session?.close()
    await node?.close()
    process.exit()
  }
  const start = async (config: PeerConfig): Promise<void> => {
    try {
      node = await createNode(nodeOptions(config, extras))
      session = new ControlSession(node.control, (frame) => say({ type: 'control', frame }))
      tellStages(node, say)
      await node.control.call('settings.set', { name: 'lending', value: true }, AbortSignal.any([]))
      await node.ready
      say({ type: 'ready', peer: node.swarm.self })
    } catch (thrown) {
      say({ type: 'failed', error: SkeinError.from(thrown).toValue() })
    }
  }

  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => void end())
  process.on('disconnect', () => void end())
  process.on('message', (value: unknown) => {
    const message = toPeerSchema.parse(value)
    if (message.type === 'start') void start(message.config)
    else if (message.type === 'control') session?.receive(message.frame)
    else if (message.type === 'lab') extras.onOrder?.(message.order)
    else void end()
  })
}

function nodeOptions(
  config: PeerConfig,
  { wrapRawStream }: PeerExtras
): Parameters<typeof createNode>[0] {
  const {
    homeFolder,
    stageFolder,
    modelFile,
    range,
    isAsked,
    bootstrap,
    beatMs,
    silentBeats,
    lostBeats
  } = config
  const timing = {
    ...(beatMs === undefined ? {} : { beatMs }),
    ...(silentBeats === undefined ? {} : { silentBeats }),
    ...(lostBeats === undefined ? {} : { lostBeats })
  }
  return {
    homeFolder,
    stageFolder,
    isAsked,
    resources: withoutAbsent(config.resources),
    entries: { engine: new URL(config.engineEntry), templateWorker: new URL(config.templateEntry) },
    modelFiles: [modelFile],
    range: range ?? null,
    // Its person waits for an answer of it, here and now.
    isGuest: false,
    network: {
      topic: Buffer.from(config.topic, 'hex'),
      address: {
        bootstrap,
        host: '127.0.0.1',
        timing,
        ...(wrapRawStream === undefined ? {} : { wrapRawStream })
      }
    }
  }
}

function tellStages({ swarm }: SkeinNode, say: (message: FromPeer) => void): void {
  const tell = (): void => {
    const stages = swarm.stages().map(({ peer, offer }) => ({ peer, range: offer.range }))
    say({ type: 'stages', stages })
  }
  swarm.onChange(tell)
  tell()
}

type Present<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

/** An option that is there but undefined would hide a default. */
function withoutAbsent(resources: PeerConfig['resources']): Present<PeerConfig['resources']> {
  const { threads, slots, contextTokens, batchTokens, device } = resources
  return {
    threads,
    ...(slots === undefined ? {} : { slots }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(batchTokens === undefined ? {} : { batchTokens }),
    ...(device === undefined ? {} : { device })
  }
}
