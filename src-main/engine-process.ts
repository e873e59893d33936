/** The engine process: llama.cpp at work on one stage or one vocabulary, away from everything that must go on. */
import { forkedChannel } from '#engine/child/parent-channel.ts'
import { watchParent } from '#engine/child/parent-watch.ts'
import { runEngine } from '#engine/child/run-engine.ts'

// Ctrl-C goes to the whole group of processes. The parent decides when an engine stops.
process.on('SIGINT', () => undefined)
// A fault of our own ends the process; its parent shows the last lines, so the fault goes into one.
process.on('uncaughtException', (error) => {
  console.error(`${error.name}: ${error.message.replaceAll(/\s+/g, ' ')}`)
  process.exit(1)
})
watchParent()
runEngine({ channel: forkedChannel(), exit: (code) => process.exit(code) })
