/** A parent for an engine process, to be killed: loads the model named by its argument, starts a long call, tells the pid. */
import { startStage } from '#engine/engine-supervisor.ts'
import { engineEntry } from './engine-entry.ts'
import { slowStage, slowStep } from './slow-model.ts'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: parent.ts <model>')
const stage = await startStage({ ...slowStage, file, entry: engineEntry })
stage.openSlot(slowStage.batchTokens)
const step = stage.step(slowStep())
// The step's message has left; the engine process is in its call for a long time from here.
setTimeout(() => console.log(stage.pid), 200)
await step
