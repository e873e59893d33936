import type { ReactNode } from 'react'
import { keyToAsk, type ModelInfo } from '#contract/model.ts'
import { texts } from '../lib/texts.ts'

interface ModelSelectProps {
  readonly models: readonly ModelInfo[]
  readonly model: ModelInfo
  readonly onModel: (asked: string) => void
}

/** Which model answers the next question. */
export function ModelSelect({ models, model, onModel }: ModelSelectProps): ReactNode {
  return (
    <select
      aria-label={texts.app.model}
      className="border-line bg-raised text-ink max-w-64 rounded-lg border px-2 py-1"
      value={keyToAsk(model)}
      onChange={(event) => onModel(event.target.value)}
    >
      {models.map((it) => (
        <option key={keyToAsk(it)} value={keyToAsk(it)}>
          {it.name}
        </option>
      ))}
    </select>
  )
}
