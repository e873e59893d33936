import type { ReactNode } from 'react'
import { texts } from '../../lib/texts.ts'
import type { Turn } from './turn.ts'

/** Says the last answer to a screen reader once, when it is whole; streamed pieces would be noise. */
export function Announcement({ last }: { readonly last: Turn | undefined }): ReactNode {
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {last === undefined ? '' : announce(last)}
    </p>
  )
}

function announce({ isRunning, answer, finish }: Turn): string {
  if (isRunning) return ''
  if (finish === 'cancelled') return texts.answer.stopped
  return answer === '' ? '' : texts.answer.finished(answer)
}
