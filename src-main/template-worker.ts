import { parentPort } from 'node:worker_threads'
import { serveTemplates } from '#model/template/serve-templates.ts'

/** The worker thread in which chat templates of model files run. */
if (parentPort === null) throw new Error('template-worker runs as a worker thread only')
serveTemplates(parentPort)
