import type { CallHandlers } from '#api/control/control-handlers.ts'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { LayerRange, ModelInfo } from '#contract/model.ts'
import type { HostedStage } from '#contract/status.ts'
import { asModel } from '#weights/file-kind.ts'
import type { Hosting } from '../hosting.ts'
import { chooseModel } from './choose-model.ts'
import type { ModelLibrary } from './model-library.ts'
import type { Transfers } from './transfers.ts'

export type StageCalls = Pick<CallHandlers, 'stages.host' | 'stages.release'>

export interface StageParts {
  readonly hosting: Hosting
  readonly library: ModelLibrary
  readonly transfers: Transfers
  readonly isNetworked: boolean
  /** Aborts when the node closes. */
  readonly closing: AbortSignal
  readonly log: Logger
}

/** What this computer hosts, by a person's word. */
export function createStageHandlers(parts: StageParts): StageCalls {
  const { hosting, library } = parts
  return {
    'stages.host': async ({ model, range }) => {
      await library.ready()
      return hostModel(parts, model, range)
    },
    'stages.release': async ({ model, range }) => {
      await library.ready()
      const chosen = chooseModel(library.infos(), library.stored(), model, range)
      const released = 'info' in chosen ? await hosting.release(chosen.info, range) : 0
      return { released }
    }
  }
}

/** Begins to host a model, or to bring it here first. Throws what `stages.host` throws. */
function hostModel(
  parts: StageParts,
  asked: string,
  range: LayerRange | undefined
): { stage?: HostedStage } | { transfer: ReturnType<Transfers['start']> } {
  const { library, transfers, isNetworked, closing, log } = parts
  const chosen = chooseModel(library.infos(), library.stored(), asked, range)
  if ('info' in chosen) return keep(parts, chosen.info, range)
  if (chosen.task.kind === 'fetch' && !isNetworked) throw new SkeinError('no-network')
  const transfer = transfers.start(chosen.task)
  transfers
    .finished(transfer, closing)
    .then((brought) => keep(parts, asModel(brought).info, range))
    .catch((thrown: unknown) => {
      const { code, detail } = SkeinError.from(thrown)
      if (code !== 'cancelled') log.error('a model is not hosted', { code, detail })
    })
  return { transfer }
}

function keep(
  { hosting, library }: StageParts,
  info: ModelInfo,
  asked: LayerRange | undefined
): { stage?: HostedStage } {
  const range = asked ?? { first: 0, end: info.layers }
  requireCuts(info, range)
  // Whoever hosts a model wants to ask it.
  library.prefer(info)
  // Its status tells how it goes.
  hosting.keep(info, range).catch(() => undefined)
  const isIt = (it: HostedStage): boolean =>
    it.model === info.key &&
    it.adapter === info.adapter &&
    it.range.first === range.first &&
    it.range.end === range.end
  const stage = hosting.stages().find(isIt)
  return stage === undefined ? {} : { stage }
}

/** Throws `range-not-allowed` unless the model may be cut where the range begins and ends. */
function requireCuts({ boundaries, layers }: ModelInfo, { first, end }: LayerRange): void {
  const mayCut = (layer: number): boolean => layer === layers || boundaries.includes(layer)
  if (mayCut(first) && mayCut(end) && end <= layers) return
  throw new SkeinError('range-not-allowed', `layers ${first}..${end - 1} of ${layers}`)
}
