import { useRef, useState } from 'react'
import type { ControlClient } from '#contract/control-client.ts'
import { SkeinError } from '#contract/errors.ts'
import type { GenerateInput } from '#contract/chat.ts'
import { advanceTurn, beginTurn, failTurn, resumeTurn, toMessages, type Turn } from './turn.ts'

export interface ChatState {
  readonly turns: readonly Turn[]
  readonly isRunning: boolean
  readonly ask: (question: string) => void
  /** Asks the last question once more, in place of its answer. */
  readonly askAgain: () => void
  /** Goes on with the last answer, where it was interrupted. */
  readonly resume: () => void
  readonly stop: () => void
  readonly clear: () => void
}

/**
 * One conversation, kept as long as the page is. `client` is absent while the node cannot be reached. `model`: what asks for the model that
 * answers; the node's default when absent.
 */
export function useChat(client: ControlClient | undefined, model: string | undefined): ChatState {
  const [turns, setTurns] = useState<readonly Turn[]>([])
  const running = useRef<AbortController | undefined>(undefined)
  const nextId = useRef(1)
  const isRunning = turns.at(-1)?.isRunning === true

  function update(id: number, change: (turn: Turn) => Turn): void {
    setTurns((present) => present.map((turn) => (turn.id === id ? change(turn) : turn)))
  }

  function run(before: readonly Turn[], question: string): void {
    const turn = beginTurn(nextId.current++, question)
    const prompt = { kind: 'chat' as const, messages: toMessages(before, question) }
    void follow(before, turn, prompt)
  }

  async function follow(
    before: readonly Turn[],
    turn: Turn,
    prompt: GenerateInput['prompt']
  ): Promise<void> {
    if (client === undefined || isRunning) return
    const { id } = turn
    const abort = new AbortController()
    running.current = abort
    setTurns([...before, turn])
    try {
      for await (const event of client.stream('chat.generate', { prompt, model }, abort.signal)) {
        update(id, (present) => advanceTurn(present, event))
      }
    } catch (thrown) {
      update(id, (present) => failTurn(present, SkeinError.from(thrown).toValue(), turn.resumes))
    }
  }

  return {
    turns,
    isRunning,
    ask: (question) => run(turns, question),
    askAgain: () => {
      const last = turns.at(-1)
      if (last !== undefined) run(turns.slice(0, -1), last.question)
    },
    resume: () => {
      const last = turns.at(-1)
      if (last?.resume === undefined) return
      const prompt = { kind: 'resume' as const, answer: last.resume }
      void follow(turns.slice(0, -1), resumeTurn(last), prompt)
    },
    stop: () => running.current?.abort(),
    clear: () => {
      running.current?.abort()
      setTurns([])
    }
  }
}
