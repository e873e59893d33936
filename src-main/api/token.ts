import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 32 random bytes: what opens the page and the API of one run of a node. */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Compares in a time that tells nothing of where two tokens differ, or of their lengths. */
export function isSameToken(given: string | undefined, token: string): boolean {
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
