import { useRef, useState } from 'react'
import type { ControlClient } from '#contract/control-client.ts'
import { SkeinError } from '#contract/errors.ts'
import { advanceTurn, beginTurn, failTurn, toMessages, type Turn } from './turn.ts'

export interface ChatState {
  readonly turns: readonly Turn[]
  readonly isRunning: boolean
  readonly ask: (question: string) => void
  /** Asks the last question once more, in place of its answer. */
  readonly askAgain: () => void
  readonly stop: () => void
  readonly clear: () => void
}

/** One conversation, kept as long as the page is. `client` is absent while the node cannot be reached. */
export function useChat(client: ControlClient | undefined): ChatState {
  const [turns, setTurns] = useState<readonly Turn[]>([])
  const running = useRef<AbortController | undefined>(undefined)
  const nextId = useRef(1)
  const isRunning = turns.at(-1)?.isRunning === true

  function update(id: number, change: (turn: Turn) => Turn): void {
    setTurns((present) => present.map((turn) => (turn.id === id ? change(turn) : turn)))
  }

  async function run(before: readonly Turn[], question: string): Promise<void> {
    if (client === undefined || isRunning) return
    const id = nextId.current++
    const abort = new AbortController()
    running.current = abort
    setTurns([...before, beginTurn(id, question)])
    try {
      const prompt = { kind: 'chat' as const, messages: toMessages(before, question) }
      for await (const event of client.stream('chat.generate', { prompt }, abort.signal)) {
        update(id, (turn) => advanceTurn(turn, event))
      }
    } catch (thrown) {
      update(id, (turn) => failTurn(turn, SkeinError.from(thrown).toValue()))
    }
  }

  return {
    turns,
    isRunning,
    ask: (question) => void run(turns, question),
    askAgain: () => {
      const last = turns.at(-1)
      if (last !== undefined) void run(turns.slice(0, -1), last.question)
    },
    stop: () => running.current?.abort(),
    clear: () => {
      running.current?.abort()
      setTurns([])
    }
  }
}
