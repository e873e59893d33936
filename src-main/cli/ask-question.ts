import type { ReadStream } from 'node:tty'
import { createInterface } from 'node:readline/promises'
import { SkeinError } from '#contract/errors.ts'

/** Asks the person at the terminal. Throws `prompt-missing` where there is none, `cancelled` on Ctrl-C. */
export async function askQuestion(
  input: Pick<ReadStream, 'isTTY'> & NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal
): Promise<string> {
  if (!input.isTTY) throw new SkeinError('prompt-missing')
  const lines = createInterface({ input, output })
  const leaving = new AbortController()
  // The terminal is in raw mode meanwhile: Ctrl-C comes as a key, not as a signal.
  lines.on('SIGINT', () => leaving.abort())
  lines.on('close', () => leaving.abort())
  try {
    return await lines.question('What would you like to ask? ', {
      signal: AbortSignal.any([signal, leaving.signal])
    })
  } catch (thrown) {
    throw SkeinError.from(thrown, 'cancelled')
  } finally {
    lines.close()
  }
}
