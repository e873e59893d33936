import { toStageSchema, type ToStage } from '../messages.ts'
import type { StageConfig } from '../stage-types.ts'
import type { ParentChannel } from './parent-channel.ts'
import { DutyCores } from './duty-cores.ts'
import { coreLocks, LockedCores, ownCores, type SharedCores } from './shared-cores.ts'
import { Stage } from './stage.ts'
import { realTiming, StepQueue } from './step-queue.ts'

/** Loads a stage and serves it over the channel. Throws what `Stage.load` does. */
export function startStageRole(
  config: StageConfig,
  channel: ParentChannel,
  stopped: () => void
): (message: unknown) => void {
  const stage = Stage.load(config)
  const cores = new DutyCores(coresOf(config, stage))
  const queue = new StepQueue(stage, realTiming, cores)
  channel.send({ type: 'stage-ready', info: stage.info })

  function enqueue({ id, step }: Extract<ToStage, { type: 'step' }>): void {
    queue.step(id, step, {
      done: ({ boundary, candidates }, computeMicros) =>
        channel.send({
          type: 'output',
          id,
          output: {
            computeMicros,
            ...(boundary && { boundary }),
            ...(candidates && { candidates: [...candidates] })
          },
          speed: stage.speed()
        }),
      failed: (error) => channel.send({ type: 'error', id, error: error.toValue() })
    })
  }

  return (received) => {
    const message = toStageSchema.parse(received)
    switch (message.type) {
      case 'open':
        stage.openSlot(message.tokens, message.slot)
        break
      case 'step':
        enqueue(message)
        break
      case 'cancel':
        queue.cancel(message.id)
        break
      case 'rollback':
        queue.rollback(message.slot, message.position)
        break
      case 'close':
        queue.closeSlot(message.slot)
        break
      case 'share':
        cores.setShare(message.share)
        break
      case 'stop':
        queue.close()
        stage.close()
        stopped()
    }
  }
}

/** A thread alone waits for nobody, and a GPU shares itself. */
function coresOf({ coresFolder, threads }: StageConfig, { info }: Stage): SharedCores {
  if (coresFolder === undefined || threads === 1 || info.device !== 'cpu') return ownCores
  return new LockedCores(coreLocks(coresFolder))
}
