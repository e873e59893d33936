import { generateRequestSchema, type GenerateInput, type RouteStage } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { SkeinNode } from '#node'

export interface WholeAnswer {
  readonly tokens: readonly number[]
  readonly route: readonly RouteStage[]
}

/** A node's whole answer to a text, without chance. Throws what kept it from its end. */
export async function askNode(
  node: Pick<SkeinNode, 'chat'>,
  input: Partial<GenerateInput> = {}
): Promise<WholeAnswer> {
  const request = generateRequestSchema.parse({
    prompt: { kind: 'text', text: 'w10 w20 w30' },
    sampling: { temperature: 0 },
    maxTokens: 12,
    dtype: 'float32',
    ...input
  })
  const tokens: number[] = []
  let route: readonly RouteStage[] = []
  for await (const event of node.chat.generate(request, AbortSignal.any([]))) {
    if (event.kind === 'route') route = event.route
    if (event.kind === 'text') tokens.push(...event.tokens.map(({ token }) => token))
    if (event.kind === 'end' && event.error !== undefined) throw SkeinError.fromValue(event.error)
  }
  return { tokens, route }
}
