import { memo, type ReactNode } from 'react'
import { texts } from '../../lib/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { AnswerTruth } from './answer-truth.tsx'
import type { Turn } from './turn.ts'

interface TurnViewProps {
  readonly turn: Turn
  /** Given for the last turn only, while nothing runs. */
  readonly onAskAgain: (() => void) | undefined
  /** Likewise. */
  readonly onResume: (() => void) | undefined
}

/** A question and its answer. Answers are shown as plain text: nothing in them is ever run or loaded. */
export const TurnView = memo(function TurnView({
  turn,
  onAskAgain,
  onResume
}: TurnViewProps): ReactNode {
  return (
    <li className="flex flex-col gap-4">
      <p
        dir="auto"
        className="bg-question rounded-card self-end max-w-[85%] px-4 py-2.5 leading-7 break-words whitespace-pre-wrap"
      >
        <span className="sr-only">{texts.answer.you}: </span>
        {turn.question}
      </p>
      <div className="min-w-0">
        {turn.answer === '' ? null : (
          <p dir="auto" data-testid="answer" className="leading-7 break-words whitespace-pre-wrap">
            {turn.answer}
            {turn.isRunning ? <Caret /> : null}
          </p>
        )}
        {turn.isRunning && (turn.answer === '' || turn.repair !== undefined) ? (
          <Waiting turn={turn} />
        ) : null}
        {turn.report === undefined || turn.finish === undefined ? null : (
          <AnswerTruth report={turn.report} finish={turn.finish} />
        )}
        <Ending turn={turn} onAskAgain={onAskAgain} onResume={onResume} />
      </div>
    </li>
  )
})

function Caret(): ReactNode {
  return (
    <span
      aria-hidden="true"
      className="breathing bg-thread ms-1 inline-block h-4 w-1.5 rounded-full align-[-0.15em]"
    />
  )
}

function Waiting({ turn }: { readonly turn: Turn }): ReactNode {
  return <p className="text-muted breathing text-sm leading-7">{whatItWaitsFor(turn)}</p>
}

function whatItWaitsFor({ prefill, repair }: Turn): string {
  if (repair !== undefined) {
    const layers = texts.truth.layers(repair.range.first + 1, repair.range.end)
    return texts.answer[repair.kind](layers)
  }
  if (prefill === undefined) return texts.answer.thinking
  return texts.answer.reading(prefill.done, prefill.total)
}

/** Says why an answer ended, where it was not the model's own end. */
function Ending({ turn, onAskAgain, onResume }: TurnViewProps): ReactNode {
  const again =
    onAskAgain === undefined ? undefined : (
      <Button kind="quiet" onClick={onAskAgain}>
        {texts.answer.again}
      </Button>
    )
  const resume =
    onResume === undefined || turn.resume === undefined ? undefined : (
      <Button kind="quiet" onClick={onResume}>
        {texts.answer.resume}
      </Button>
    )
  if (turn.error !== undefined) {
    return (
      <div className="mt-2">
        <Notice sentence={turn.error.sentence} remedy={turn.error.remedy}>
          {resume}
          {again}
        </Notice>
      </div>
    )
  }
  if (turn.finish === undefined || turn.finish === 'stop') return null
  return (
    <div className="text-muted mt-2 flex flex-wrap items-center gap-3 text-sm">
      <span>{texts.finish[turn.finish]}</span>
      {turn.finish === 'cancelled' ? again : null}
    </div>
  )
}
