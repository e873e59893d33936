import { z } from 'zod'

/** A peer's Noise public key: 32 bytes as lower-case hex. */
export const peerKeySchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'PeerKey'>()
export type PeerKey = z.infer<typeof peerKeySchema>

/** 16 random bytes as lower-case hex, chosen by the coordinator; a stage's answer to nobody else. */
export const sessionIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .brand<'SessionId'>()
export type SessionId = z.infer<typeof sessionIdSchema>
