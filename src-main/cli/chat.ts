import { generateRequestSchema, type GenerateEvent, type GenerateRequest } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import { createNode } from '../node.ts'
import type { CommandIo } from './command-io.ts'
import { findNode } from './running-node.ts'

export interface ChatCommandOptions {
  readonly model?: string
  readonly system?: string
  readonly maxTokens?: number
  readonly temperature?: number
  readonly seed?: number
}

/**
 * Asks one question: of the running node, else of one that lives as long as the answer. The answer goes to standard
 * output as it comes; with `--json`, each event as a line. Throws when it was interrupted.
 */
export async function runChatCommand(
  io: CommandIo,
  question: string,
  options: ChatCommandOptions
): Promise<void> {
  const request = readRequest(question, options)
  const node = await findNode(io.homeFolder)
  if (node === undefined) {
    await askTemporaryNode(io, request)
    return
  }
  try {
    await show(io, node.client.stream('chat.generate', request, io.signal))
  } finally {
    node.close()
  }
}

async function askTemporaryNode(io: CommandIo, request: GenerateRequest): Promise<void> {
  const { homeFolder, paths } = io
  const node = await createNode({
    homeFolder,
    entries: paths.entries,
    modelFiles: [paths.embeddedModelFile],
    // It meets nobody.
    isGuest: false
  })
  try {
    await show(io, node.control.stream('chat.generate', request, io.signal))
  } finally {
    await node.close()
  }
}

function readRequest(question: string, options: ChatCommandOptions): GenerateRequest {
  const { model, system, maxTokens, temperature, seed } = options
  const before = system === undefined ? [] : [{ role: 'system', content: system }]
  const request = generateRequestSchema.safeParse({
    model,
    maxTokens,
    prompt: { kind: 'chat', messages: [...before, { role: 'user', content: question }] },
    sampling: { temperature, seed }
  })
  if (request.success) return request.data
  const issue = request.error.issues[0]
  throw new SkeinError('invalid-input', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

async function show(io: CommandIo, events: AsyncIterable<GenerateEvent>): Promise<void> {
  for await (const event of events) {
    if (io.json) io.write(`${JSON.stringify(event)}\n`)
    else if (event.kind === 'text') io.write(event.text)
    if (event.kind === 'end') finish(io, event)
  }
}

function finish(io: CommandIo, { finish, report, error }: GenerateEvent & { kind: 'end' }): void {
  if (!io.json) io.write('\n')
  if (error !== undefined) throw SkeinError.fromValue(error)
  if (finish === 'interrupted') throw new SkeinError('answer-interrupted')
  if (finish === 'cancelled') throw new SkeinError('cancelled')
  if (finish === 'length' && !io.json) {
    io.write(`(cut off after ${report.answerTokens} tokens)\n`)
  }
}
