import type { GenerateRequest } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { Vocabulary } from '#contract/vocabulary.ts'
import type { TemplateInput } from '#model/chat-template.ts'
import { defuseSpecialText } from './special-text.ts'

/** What a model is asked: all prompts but one that goes on with an answer. */
export type Question = Exclude<GenerateRequest['prompt'], { kind: 'resume' }>

export type RenderChat = (template: string, input: TemplateInput) => Promise<string>

/** The prompt as the model reads it. Throws `prompt-empty`, `template-invalid`, `template-timeout`. */
export async function promptTokens(
  prompt: Question,
  vocabulary: Vocabulary,
  renderChat: RenderChat
): Promise<Int32Array> {
  const tokens =
    prompt.kind === 'text'
      ? await vocabulary.tokenize(prompt.text, { addSpecial: true, parseSpecial: false })
      : await chatTokens(prompt.messages, vocabulary, renderChat)
  if (tokens.length === 0) throw new SkeinError('prompt-empty')
  return tokens
}

async function chatTokens(
  messages: Extract<Question, { kind: 'chat' }>['messages'],
  vocabulary: Vocabulary,
  renderChat: RenderChat
): Promise<Int32Array> {
  const { chatTemplate, bos, eos } = vocabulary
  if (chatTemplate === undefined) throw new SkeinError('template-invalid', 'the model has none')
  const spell = (token: number | undefined): string =>
    token === undefined ? '' : vocabulary.tokenText(token)
  const bosToken = spell(bos)
  const text = await renderChat(chatTemplate, {
    messages: defuseSpecialText(messages, vocabulary),
    addGenerationPrompt: true,
    bosToken,
    eosToken: spell(eos)
  })
  // Most templates print the first token themselves; then it must not come twice.
  const hasBegin = bosToken !== '' && text.startsWith(bosToken)
  return vocabulary.tokenize(text, { addSpecial: !hasBegin, parseSpecial: true })
}
