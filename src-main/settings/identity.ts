import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { SkeinError } from '#contract/errors.ts'
import { writeFileWhole } from './write-file.ts'

const identitySchema = z.strictObject({
  version: z.literal(1),
  /** 32 random bytes as hex: the seed of the peer's Noise key pair. A secret. */
  seed: z.string().regex(/^[0-9a-f]{64}$/)
})

/**
 * The seed of this peer's key pair, made at the first start. A file that cannot be read is an error, not a reason for a
 * new identity: others know this peer by its key. Throws `identity-unreadable`, `home-not-writable`.
 */
export function loadIdentitySeed(file: string): Uint8Array {
  if (!existsSync(file)) {
    const seed = randomBytes(32)
    writeFileWhole(file, JSON.stringify({ version: 1, seed: seed.toString('hex') }) + '\n')
    return seed
  }
  try {
    return Buffer.from(identitySchema.parse(JSON.parse(readFileSync(file, 'utf8'))).seed, 'hex')
  } catch (thrown) {
    throw SkeinError.from(thrown, 'identity-unreadable')
  }
}
