import type { ReactNode } from 'react'
import type { NodeStatus } from '#contract/status.ts'
import { formatMegabytes } from '../lib/format.ts'
import { texts } from '../lib/texts.ts'
import { Button } from '../ui/button.tsx'
import { SkeinIcon } from '../ui/icons.tsx'

interface HeaderProps {
  readonly status: NodeStatus | undefined
  readonly onNewChat: (() => void) | undefined
}

export function Header({ status, onNewChat }: HeaderProps): ReactNode {
  const model = status?.models.find(({ key }) => key === status.defaultModel)
  return (
    <header className="border-line flex min-h-14 items-center gap-3 border-b px-4 py-2">
      <SkeinIcon />
      <span className="font-semibold tracking-tight">{texts.app.name}</span>
      {model === undefined ? null : (
        <p className="text-muted min-w-0 flex-1 truncate text-sm">
          {model.name}
          <span className="max-sm:hidden">
            {' · '}
            {texts.status.builtFrom(model.layers, formatMegabytes(model.bytes))}
          </span>
        </p>
      )}
      {onNewChat === undefined ? null : (
        <div className="ms-auto shrink-0">
          <Button kind="quiet" onClick={onNewChat}>
            {texts.app.newChat}
          </Button>
        </div>
      )}
    </header>
  )
}
