import type { ReactNode } from 'react'

interface NoticeProps {
  /** What happened, in one sentence. */
  readonly sentence: string
  /** What the person can do about it. */
  readonly remedy?: string
  readonly children?: ReactNode
}

/** Something that went wrong, said plainly where it happened. */
export function Notice({ sentence, remedy, children }: NoticeProps): ReactNode {
  return (
    <div
      role="alert"
      className="rounded-card border-alert/40 bg-alert-paper border px-4 py-3 text-sm leading-6"
    >
      <p className="text-alert font-medium">{sentence}</p>
      {remedy === undefined ? null : <p>{remedy}</p>}
      {children === undefined ? null : <div className="mt-2 flex flex-wrap gap-2">{children}</div>}
    </div>
  )
}
