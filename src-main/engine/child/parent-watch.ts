import { Worker } from 'node:worker_threads'

/**
 * The channel's end tells the main thread that the parent is gone, but not while llama.cpp holds that thread, which may
 * be for minutes. So a thread of its own looks whether the parent still lives. As source text, because a worker's file
 * would have to be found again in every bundle.
 */
const source = `
const { workerData: { parent, everyMs } } = require('node:worker_threads')
setInterval(() => {
  if (process.ppid === parent) {
    try {
      process.kill(parent, 0)
      return
    } catch (error) {
      if (error.code !== 'ESRCH') return
    }
  }
  process.kill(process.pid, 'SIGKILL')
}, everyMs)
`

/** Kills this process soon after its parent died, however busy it is. */
export function watchParent(everyMs = 500): void {
  const worker = new Worker(source, {
    eval: true,
    execArgv: [],
    workerData: { parent: process.ppid, everyMs },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 }
  })
  worker.unref()
}
