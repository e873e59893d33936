import type { ReachableStage, StageDirectory } from '#contract/announce.ts'

/** The stages to choose from, without those of others for a model that this PC has loaded from end to end: such a question stays here. */
export function keepHome(directory: StageDirectory): StageDirectory {
  return {
    stages: () => withoutNeedless(directory.stages()),
    onChange: (listener) => directory.onChange(listener)
  }
}

function withoutNeedless(stages: readonly ReachableStage[]): readonly ReachableStage[] {
  const home = stages.filter(
    ({ isLocal, offer }) => isLocal && offer.range.first === 0 && offer.range.end === offer.layers
  )
  const isHome = ({ offer }: ReachableStage): boolean =>
    home.some((it) => it.offer.model === offer.model && it.offer.adapter === offer.adapter)
  return stages.filter((stage) => stage.isLocal || !isHome(stage))
}
