import { useState, useSyncExternalStore, type ReactNode } from 'react'
import { keyToAsk } from '#contract/model.ts'
import { ChatPage } from '../features/chat/chat-page.tsx'
import { useChat } from '../features/chat/use-chat.ts'
import { StatusLine } from '../features/status/status-line.tsx'
import { useStatus } from '../features/status/use-status.ts'
import type { Connection } from '../lib/connection.ts'
import { Header } from './header.tsx'

export function App({ connection }: { readonly connection: Connection }): ReactNode {
  const state = useSyncExternalStore(connection.subscribe, connection.getState)
  const client = state.kind === 'open' ? state.client : undefined
  const status = useStatus(client)
  const [asked, setAsked] = useState<string>()
  const models = status?.models ?? []
  // One that was chosen may be removed meanwhile; the default comes first.
  const model = models.find((it) => keyToAsk(it) === asked) ?? models[0]
  const isBuiltIn = model?.key === status?.builtInModel
  const chat = useChat(client, model === undefined ? undefined : keyToAsk(model))
  return (
    <div className="flex h-dvh flex-col">
      <Header
        models={models}
        model={model}
        onModel={setAsked}
        onNewChat={chat.turns.length === 0 ? undefined : chat.clear}
      />
      <main className="flex min-h-0 flex-1 flex-col">
        <ChatPage chat={chat} client={client} otherModel={isBuiltIn ? undefined : model?.name} />
      </main>
      <StatusLine connection={state} status={status} model={model} />
    </div>
  )
}
