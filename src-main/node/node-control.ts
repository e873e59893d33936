import type { ControlApi } from '#contract/control.ts'
import { createControlApi } from '#api/control/control-handlers.ts'
import type { Chat } from '#chat/chat.ts'
import type { SettingsStore } from '#settings/settings-store.ts'
import type { createModelHandlers } from './models/model-handlers.ts'
import type { StageCalls } from './models/stage-handlers.ts'
import type { StatusBoard } from './status-board.ts'

/** What windows, pages and the command line may ask of the node. */
export function createNodeControl(
  chat: Chat,
  settings: SettingsStore,
  status: StatusBoard,
  models: ReturnType<typeof createModelHandlers>,
  stages: StageCalls
): ControlApi {
  return createControlApi(
    {
      'status.get': () => Promise.resolve(status.current()),
      'settings.get': () => Promise.resolve(settings.current),
      'settings.set': async ({ name, value }) => Promise.resolve(settings.set(name, value)),
      ...models.calls,
      ...stages
    },
    {
      'status.watch': (_input, signal) => status.watch(signal),
      'chat.generate': (request, signal) => chat.generate(request, signal),
      ...models.streams
    }
  )
}
