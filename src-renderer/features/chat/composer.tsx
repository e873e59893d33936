import { useState, type KeyboardEvent, type ReactNode, type Ref } from 'react'
import { texts } from '../../lib/texts.ts'
import { Button } from '../../ui/button.tsx'
import { SendIcon, StopIcon } from '../../ui/icons.tsx'

interface ComposerProps {
  readonly isReady: boolean
  readonly isRunning: boolean
  readonly onSend: (question: string) => void
  readonly onStop: () => void
  readonly inputRef: Ref<HTMLTextAreaElement>
}

/** Where the person writes. The text stays when it cannot be sent yet. */
export function Composer({
  isReady,
  isRunning,
  onSend,
  onStop,
  inputRef
}: ComposerProps): ReactNode {
  const [text, setText] = useState('')
  const canSend = isReady && !isRunning && text.trim() !== ''

  function send(): void {
    if (!canSend) return
    onSend(text.trim())
    setText('')
  }

  function onKeyDown(event: KeyboardEvent): void {
    // An input method uses Enter to accept what it suggests.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }

  return (
    <form
      className="rounded-card max-w-column mx-auto border-line bg-raised focus-within:border-thread flex items-end gap-2 border p-2 shadow-sm transition-colors"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <textarea
        ref={inputRef}
        className="placeholder:text-muted field-sizing-content max-h-48 min-h-10 min-w-0 flex-1 resize-none bg-transparent px-3 py-2 leading-6 outline-none"
        aria-label={texts.composer.label}
        aria-describedby="composer-hint"
        placeholder={texts.composer.placeholder}
        rows={1}
        dir="auto"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {isRunning ? (
        <Button kind="primary" label={texts.composer.stop} onClick={onStop}>
          <StopIcon />
        </Button>
      ) : (
        <Button kind="primary" type="submit" label={texts.composer.send} isDisabled={!canSend}>
          <SendIcon />
        </Button>
      )}
      <span id="composer-hint" className="sr-only">
        {texts.composer.hint}
      </span>
    </form>
  )
}
