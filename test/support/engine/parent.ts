/** A parent for an engine process, to be killed: loads the model named by its argument, starts a long call, tells the pid. */
import { setTimeout as delay } from 'node:timers/promises'
import { startStage } from '#engine/engine-supervisor.ts'
import { cpuMillis } from './cpu-millis.ts'
import { engineEntry } from './engine-entry.ts'
import { slowStage, slowStep } from './slow-model.ts'

/** What only the call can have used: an engine process that waits for messages uses next to nothing. */
const callMillis = 100

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: parent.ts <model>')
const stage = await startStage({ ...slowStage, file, entry: engineEntry })
stage.openSlot(slowStage.batchTokens)
const before = cpuMillis(stage.pid)
const step = stage.step(slowStep())
while (cpuMillis(stage.pid) - before < callMillis) await delay(10)
console.log(stage.pid)
await step
