import { connect } from 'node:net'
import SecretStream from '@hyperswarm/secret-stream'
import { z } from 'zod'
import { modelKeySchema } from '#contract/model.ts'
import { WeightsStore } from '#weights/weights-store.ts'

/**
 * A process that fetches a whole model over TCP and may be killed at any moment. Prints a line with the bytes it has after each
 * step, and `done` at the end.
 */
const [folder, key, ...ports] = z
  .tuple([z.string(), modelKeySchema], z.coerce.number())
  .parse(process.argv.slice(2))

const store = await WeightsStore.open(folder)
for (const port of ports) {
  const connection = new SecretStream(true, connect(port, '127.0.0.1'))
  connection.on('error', () => undefined)
  store.attach(connection)
}
await store.fetch(key, undefined, {
  onProgress: ({ doneBytes }) => process.stdout.write(`${doneBytes}\n`)
})
process.stdout.write('done\n')
await store.close()
process.exit()
