import { SkeinError } from '#contract/errors.ts'
import { toVocabularySchema } from '../messages.ts'
import type { ParentChannel } from './parent-channel.ts'
import { VocabularyModel } from './vocabulary-model.ts'

/** Loads a vocabulary and serves it over the channel. Throws what `VocabularyModel` does. */
export function startVocabularyRole(
  file: string,
  channel: ParentChannel,
  stopped: () => void
): (message: unknown) => void {
  const model = new VocabularyModel(file)
  channel.send({ type: 'vocabulary-ready', table: model.table() })

  return (received) => {
    const message = toVocabularySchema.parse(received)
    if (message.type === 'stop') {
      model.close()
      return stopped()
    }
    const { id, text } = message
    try {
      channel.send({ type: 'tokens', id, tokens: model.tokenize(text, message) })
    } catch (error) {
      channel.send({ type: 'error', id, error: SkeinError.from(error).toValue() })
    }
  }
}
