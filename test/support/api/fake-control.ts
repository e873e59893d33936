import {
  createControlApi,
  type CallHandlers,
  type StreamHandlers
} from '#api/control/control-handlers.ts'
import type { ControlApi } from '#contract/control.ts'
import { SkeinError } from '#contract/errors.ts'

const refuse = (): Promise<never> => Promise.reject(new SkeinError('not-running'))
// eslint-disable-next-line require-yield
async function* refuseStream(): AsyncGenerator<never, void> {
  await refuse()
}

/** A node that has only the procedures that a test gives it. */
export function fakeControl(
  calls: Partial<CallHandlers> = {},
  streams: Partial<StreamHandlers> = {}
): ControlApi {
  const noModels = {
    'models.list': refuse,
    'models.show': refuse,
    'models.add': refuse,
    'models.fetch': refuse,
    'models.remove': refuse,
    'models.seed': refuse,
    'transfers.list': refuse,
    'transfers.pause': refuse,
    'transfers.resume': refuse,
    'transfers.cancel': refuse,
    'stages.host': refuse,
    'stages.release': refuse
  }
  const noStreams = { 'models.verify': refuseStream, 'transfers.watch': refuseStream }
  return createControlApi(
    {
      ...{ 'status.get': refuse, 'settings.get': refuse, 'settings.set': refuse },
      ...noModels,
      ...calls
    },
    { 'status.watch': refuseStream, 'chat.generate': refuseStream, ...noStreams, ...streams }
  )
}
