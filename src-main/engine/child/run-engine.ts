import { SkeinError } from '#contract/errors.ts'
import { startSchema } from '../messages.ts'
import type { ParentChannel } from './parent-channel.ts'
import { startStageRole } from './stage-role.ts'
import { startVocabularyRole } from './vocabulary-role.ts'

/** What the process around the engine gives it. */
export interface EngineHost {
  readonly channel: ParentChannel
  readonly exit: (code: number) => void
}

/** What a started engine does with its messages, `stop` among them. Throws on one of the wrong form: our own fault. */
type Role = (message: unknown) => void

/** Exit code of an engine that could not start; it has said why. */
const startFailed = 3

/**
 * The engine process: one stage or one vocabulary, as its first message says. It ends with its parent, after `stop`, or
 * when it cannot start; any other end is a crash.
 */
export function runEngine({ channel, exit }: EngineHost): void {
  let role: Role | undefined
  channel.onClosed(() => exit(0))
  channel.listen((message) => {
    if (role !== undefined) return role(message)
    try {
      role = startRole(message, channel, () => exit(0))
    } catch (error) {
      const value = SkeinError.from(error, 'engine-load-failed').toValue()
      void channel.flush({ type: 'failed', error: value }).then(() => exit(startFailed))
    }
  })
}

function startRole(message: unknown, channel: ParentChannel, stopped: () => void): Role {
  const start = startSchema.parse(message)
  switch (start.type) {
    case 'start-stage':
      return startStageRole(start.config, channel, stopped)
    case 'start-vocabulary':
      return startVocabularyRole(start.file, channel, stopped)
  }
}
