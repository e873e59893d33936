import type { ReactNode } from 'react'
import { suggestedQuestions, texts } from '../../lib/texts.ts'
import { Button } from '../../ui/button.tsx'

interface EmptyChatProps {
  readonly isReady: boolean
  /** The model that answers, where it is not the one that comes with Skein. */
  readonly otherModel: string | undefined
  readonly onAsk: (question: string) => void
}

/** Before the first question: what this is, and something to begin with. */
export function EmptyChat({ isReady, otherModel, onAsk }: EmptyChatProps): ReactNode {
  return (
    <div className="m-auto flex max-w-lg flex-col items-center gap-5 py-10 text-center">
      <h1 className="text-2xl font-medium tracking-tight text-balance">{texts.empty.title}</h1>
      <p className="text-muted leading-7 text-pretty">
        {otherModel === undefined ? texts.empty.intro : texts.empty.otherModel(otherModel)}
      </p>
      <ul aria-label={texts.empty.suggestions} className="flex flex-wrap justify-center gap-2">
        {suggestedQuestions.map((question) => (
          <li key={question}>
            <Button kind="quiet" isDisabled={!isReady} onClick={() => onAsk(question)}>
              {question}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  )
}
