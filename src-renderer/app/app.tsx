import { useSyncExternalStore, type ReactNode } from 'react'
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
  const chat = useChat(client)
  return (
    <div className="flex h-dvh flex-col">
      <Header status={status} onNewChat={chat.turns.length === 0 ? undefined : chat.clear} />
      <main className="flex min-h-0 flex-1 flex-col">
        <ChatPage chat={chat} client={client} />
      </main>
      <StatusLine connection={state} status={status} />
    </div>
  )
}
