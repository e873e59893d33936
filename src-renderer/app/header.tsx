import type { ReactNode } from 'react'
import type { ModelInfo } from '#contract/model.ts'
import { formatMegabytes } from '../lib/format.ts'
import { texts } from '../lib/texts.ts'
import { Button } from '../ui/button.tsx'
import { SkeinIcon } from '../ui/icons.tsx'
import { ModelSelect } from './model-select.tsx'

interface HeaderProps {
  readonly models: readonly ModelInfo[]
  /** The one that is asked; absent before the node has said which there are. */
  readonly model: ModelInfo | undefined
  /** Takes what asks for a model: see `keyToAsk`. */
  readonly onModel: (asked: string) => void
  readonly onNewChat: (() => void) | undefined
}

export function Header({ models, model, onModel, onNewChat }: HeaderProps): ReactNode {
  return (
    <header className="border-line flex min-h-14 items-center gap-3 border-b px-4 py-2">
      <SkeinIcon />
      <span className="font-semibold tracking-tight">{texts.app.name}</span>
      {model === undefined ? null : (
        <p className="text-muted min-w-0 flex-1 truncate text-sm">
          {models.length > 1 ? (
            <ModelSelect models={models} model={model} onModel={onModel} />
          ) : (
            model.name
          )}
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
