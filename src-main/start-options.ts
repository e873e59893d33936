import { SkeinError } from '#contract/errors.ts'
import { membershipKey } from '#swarm/membership.ts'
import { topicOf } from '#swarm/topic.ts'
import { parseLayers } from './cli/layers.ts'
import type { NodeNetwork, NodeOptions } from './node.ts'

/** A shorter secret can be guessed, and whoever guesses it joins. */
const leastSecretLength = 16

/** As the person wrote them. */
export interface StartTexts {
  readonly port?: string | undefined
  readonly model?: string | undefined
  readonly layers?: string | undefined
  readonly network?: string | undefined
}

/** What all entries take, in `parseArgs`' words. */
export const startArguments = {
  port: { type: 'string' },
  model: { type: 'string' },
  layers: { type: 'string' },
  network: { type: 'string' },
  json: { type: 'boolean', default: false },
  // For whoever starts either entry with the same options.
  headless: { type: 'boolean' }
} as const

/** Throws `invalid-input`. `SKEIN_NETWORK` stands for `--network`, for whom a list of processes shows too much. */
export function readStartOptions(
  { port, model, layers, network }: StartTexts,
  env: NodeJS.ProcessEnv
): Pick<NodeOptions, 'host' | 'network'> & { readonly port?: number } {
  const secret = network ?? env['SKEIN_NETWORK']
  if (layers !== undefined && model === undefined) {
    throw new SkeinError('invalid-input', '--layers needs --model')
  }
  return {
    ...(port === undefined ? {} : { port: readPort(port) }),
    ...(model === undefined ? {} : { host: { model, ...readRange(layers) } }),
    ...(secret === undefined || secret === '' ? {} : { network: readSecret(secret) })
  }
}

function readPort(text: string): number {
  const port = Number(text)
  const isPort = text.trim() !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535
  if (!isPort) throw new SkeinError('invalid-input', `--port ${text}`)
  return port
}

function readRange(text: string | undefined): Pick<NonNullable<NodeOptions['host']>, 'range'> {
  if (text === undefined) return {}
  try {
    return { range: parseLayers(text) }
  } catch {
    throw new SkeinError('invalid-input', `--layers ${text}: it must be like 8..15`)
  }
}

function readSecret(secret: string): NodeNetwork {
  if (secret.length >= leastSecretLength) {
    return { topic: topicOf(secret), membershipKey: membershipKey(secret) }
  }
  throw new SkeinError('invalid-input', `--network takes ${leastSecretLength} characters or more`)
}
