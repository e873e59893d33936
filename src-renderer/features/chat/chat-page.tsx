import { useEffect, useRef, type ReactNode } from 'react'
import type { ControlClient } from '#contract/control-client.ts'
import { Announcement } from './announcement.tsx'
import { Composer } from './composer.tsx'
import { EmptyChat } from './empty-chat.tsx'
import { TurnView } from './turn-view.tsx'
import type { ChatState } from './use-chat.ts'
import { useStickToEnd } from './use-stick-to-end.ts'

interface ChatPageProps {
  readonly chat: ChatState
  readonly client: ControlClient | undefined
  /** The model that answers, where it is not the one that comes with Skein. */
  readonly otherModel: string | undefined
}

export function ChatPage({ chat, client, otherModel }: ChatPageProps): ReactNode {
  const { turns, isRunning, ask, askAgain, resume, stop } = chat
  const input = useRef<HTMLTextAreaElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const onScroll = useStickToEnd(box, turns)
  const isReady = client !== undefined
  useEscape(stop)

  /** The button that was pressed is gone then; the next thing to do is to write. */
  function stopAndStay(): void {
    stop()
    input.current?.focus()
  }

  function askAndStay(question: string): void {
    ask(question)
    input.current?.focus()
  }

  return (
    <>
      <div
        ref={box}
        onScroll={onScroll}
        className="flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain px-4"
      >
        {turns.length === 0 ? (
          <EmptyChat isReady={isReady} otherModel={otherModel} onAsk={askAndStay} />
        ) : (
          <ol className="max-w-column mx-auto flex w-full flex-col gap-8 py-6">
            {turns.map((turn, index) => (
              <TurnView
                key={turn.id}
                turn={turn}
                onAskAgain={
                  index === turns.length - 1 && !isRunning && isReady ? askAgain : undefined
                }
                onResume={index === turns.length - 1 && !isRunning && isReady ? resume : undefined}
              />
            ))}
          </ol>
        )}
      </div>
      <Announcement last={turns.at(-1)} />
      <div className="px-4 pt-2">
        <Composer
          inputRef={input}
          isReady={isReady}
          isRunning={isRunning}
          onSend={askAndStay}
          onStop={stopAndStay}
        />
      </div>
    </>
  )
}

function useEscape(onEscape: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onEscape()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [onEscape])
}
