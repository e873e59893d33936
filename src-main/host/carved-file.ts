import { SkeinError } from '#contract/errors.ts'
import { openFileSource } from '#model/byte-source.ts'
import { readGguf } from '#model/gguf.ts'

/**
 * A carved file appears under its name only when it is whole, and its header places every tensor inside it; so a readable header
 * means an intact file.
 */
export async function isIntact(file: string): Promise<boolean> {
  try {
    await readHeader(file)
    return true
  } catch (thrown) {
    if (thrown instanceof SkeinError) return false
    throw thrown
  }
}

async function readHeader(file: string): Promise<void> {
  const source = await openFileSource(file)
  try {
    await readGguf(source)
  } finally {
    await source.close()
  }
}
