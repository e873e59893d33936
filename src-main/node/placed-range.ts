import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { LayerRange, ModelInfo } from '#contract/model.ts'
import type { ModelShape } from '#contract/placement.ts'
import { ModelGrid } from '#swarm/placement/model-grid.ts'
import { placedStages } from '#swarm/placement/placed-stages.ts'
import { gapLookMs, RangeKeeper } from '#swarm/placement/range-keeper.ts'
import type { Swarm } from '#swarm/swarm.ts'
import type { Hosting } from './hosting.ts'

/** From joining to the first look: by then the peers that are there have said what they host. */
const settleMs = 2_000

export interface PlacedRangeOptions {
  readonly info: ModelInfo
  readonly shape: ModelShape
  /** What the range may take, in bytes. */
  readonly memoryBytes: number
  readonly swarm: Pick<Swarm, 'self' | 'known' | 'onChange'>
  readonly hosting: Pick<Hosting, 'keep' | 'release' | 'stages'>
  readonly log: Logger
}

/** Hosts the range of a model that placement picks, and looks again when the swarm changes. */
export class PlacedRange {
  readonly #options: PlacedRangeOptions
  readonly #grid: ModelGrid
  readonly #keeper = new RangeKeeper()
  #held: LayerRange | undefined
  #timer: NodeJS.Timeout | undefined
  #nextLookAt = Infinity
  #endListening: () => void = () => undefined
  /** The move at work: one after the other. */
  #moving: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: PlacedRangeOptions) {
    this.#options = options
    this.#grid = new ModelGrid(options.shape)
  }

  /** Resolves when the first range is loaded. Throws `no-room-for-layers`, `cancelled`, and why it could not be loaded. */
  async start(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    if (this.#isClosed) throw new SkeinError('cancelled')
    this.#look()
    this.#endListening = this.#options.swarm.onChange(() => this.#lookWithin(gapLookMs))
    if (this.#held === undefined) throw new SkeinError('no-room-for-layers')
    await this.#moving
  }

  /** Looks no more; what is hosted stays. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#endListening()
  }

  #look(): void {
    const { swarm, info, memoryBytes } = this.#options
    const now = performance.now()
    const held = this.#held
    const own = this.#ownStage()
    const decision = this.#keeper.look(
      {
        self: swarm.self,
        grid: this.#grid,
        memoryBytes,
        others: placedStages(swarm.known(), info.key),
        ...(held === undefined ? {} : { held }),
        ...(own?.microsPerLayer === undefined ? {} : { microsPerLayer: own.microsPerLayer })
      },
      now
    )
    this.#nextLookAt = Infinity
    this.#lookWithin(decision.nextLookMs)
    if (decision.kind !== 'take' || decision.range === undefined) return
    this.#held = decision.range
    this.#moving = this.#move(held, decision.range)
    this.#moving.catch((thrown: unknown) => {
      const { code, detail } = SkeinError.from(thrown)
      this.#options.log.error('the range that helps most could not be hosted', { code, detail })
    })
  }

  /** The new range first: until it serves, the old one does. Only where both do not fit together, the old one goes first. */
  async #move(from: LayerRange | undefined, to: LayerRange): Promise<void> {
    const { hosting, info, memoryBytes, log } = this.#options
    await this.#moving.catch(() => undefined)
    log.info('hosting the layers that help most', {
      model: info.name,
      first: to.first,
      end: to.end
    })
    const both = this.#grid.bytesOf(to) + (from === undefined ? 0 : this.#grid.bytesOf(from))
    if (from !== undefined && both > memoryBytes) await hosting.release(info, from)
    await hosting.keep(info, to)
    if (from !== undefined && both <= memoryBytes) await hosting.release(info, from)
  }

  #ownStage(): ReturnType<Hosting['stages']>[number] | undefined {
    const held = this.#held
    return this.#options.hosting
      .stages()
      .find(
        ({ model, range }) =>
          model === this.#options.info.key && range.first === held?.first && range.end === held.end
      )
  }

  #lookWithin(millis: number): void {
    const at = performance.now() + millis
    if (this.#isClosed || at >= this.#nextLookAt) return
    this.#nextLookAt = at
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), millis)
    this.#timer.unref()
  }
}
