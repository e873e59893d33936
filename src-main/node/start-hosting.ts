import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from '#contract/log.ts'
import type { ModelInfo, ModelKey } from '#contract/model.ts'
import type { StageHost } from '#host/stage-host.ts'
import { readGguf } from '#model/gguf.ts'
import { modelShape } from '#model/model-shape.ts'
import type { SettingsStore } from '#settings/settings-store.ts'
import type { Swarm } from '#swarm/swarm.ts'
import { Hosting } from './hosting.ts'
import type { LocalModel } from './local-models.ts'
import type { Models } from './models/open-models.ts'
import { createStageHandlers, type StageCalls } from './models/stage-handlers.ts'
import type { NodeOptions } from './node-options.ts'
import { PlacedRange } from './placed-range.ts'
import { planResources, planStage } from './plan-stage.ts'

export interface HostingParts {
  readonly models: Models
  readonly host: StageHost
  readonly swarm: Swarm
  readonly settings: SettingsStore
  /** Where carved files are kept. */
  readonly stageFolder: string
  readonly onChange: () => void
  readonly log: Logger
}

/** What this computer hosts: from the start, by a person's word, or because a question needs it. */
export interface NodeHosting {
  readonly hosting: Hosting
  readonly stages: StageCalls
  /** Resolves when what the options say is loaded, or has begun to come here; a range that is to be placed, when it is chosen and loaded. */
  readonly first: (model: LocalModel, joined: Promise<void>) => Promise<void>
  /** Gives up what is hosted of a model, or with an adapter, and deletes what was carved from it. */
  readonly forget: (key: ModelKey) => Promise<void>
}

export function startHosting(
  { range, resources, host: wanted, place, network }: NodeOptions,
  parts: HostingParts,
  closers: AsyncDisposableStack
): NodeHosting {
  const { models, host, swarm, settings, stageFolder, onChange, log } = parts
  const { library, transfers } = models
  const hosting = new Hosting({
    host,
    plan: (info, layers) =>
      planStage(
        info,
        layers,
        {
          openModel: (signal) => library.openLayers(info, layers, signal),
          openAdapter: (signal) => library.openAdapter(info, layers, signal)
        },
        settings.current,
        resources
      ),
    isWhole: (key) => library.isWhole(key),
    loadsOnDemand: range === undefined && place === undefined,
    onChange,
    log
  })
  closers.defer(() => hosting.close())
  const closing = new AbortController()
  closers.defer(() => closing.abort())
  const { signal } = closing
  const isNetworked = network !== undefined
  const stages = createStageHandlers({
    ...{ hosting, library, transfers, isNetworked, log },
    closing: signal
  })
  return {
    hosting,
    stages,
    async first({ info }, joined) {
      if (place !== undefined) await placed(info, place.memoryBytes, joined)
      else if (wanted !== undefined) await stages['stages.host'](wanted, signal)
      else if (range !== null) await hosting.keep(info, range ?? { first: 0, end: info.layers })
    },
    async forget(key) {
      await hosting.forget(key)
      await rm(path.join(stageFolder, key), { recursive: true, force: true })
    }
  }

  async function placed(
    info: ModelInfo,
    memoryBytes: number,
    joined: Promise<void>
  ): Promise<void> {
    await joined
    const { contextTokens, batchTokens } = planResources(settings.current, resources)
    const source = await library.openHeader(info.key)
    try {
      const shape = modelShape(await readGguf(source), { contextTokens, batchTokens })
      const keeper = new PlacedRange({ info, shape, memoryBytes, swarm, hosting, log })
      closers.defer(() => keeper.close())
      await keeper.start()
    } finally {
      await source.close()
    }
  }
}
