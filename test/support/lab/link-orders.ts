import { z } from 'zod'
import { peerKeySchema } from '#contract/peer.ts'

/** How a link behaves in one direction. */
const linkShapeSchema = z.object({
  /** Added on the way, in milliseconds. */
  delayMillis: z.number().min(0).default(0),
  /** Up to so much more, at random; the order stays. */
  jitterMillis: z.number().min(0).default(0),
  bytesPerSecond: z.number().positive().optional()
})
export type LinkShape = z.infer<typeof linkShapeSchema>

const target = { to: peerKeySchema.or(z.literal('everyone')) }

/** What the lab tells a peer to do to its links. */
export const linkOrderSchema = z.discriminatedUnion('kind', [
  z.object({ ...target, kind: z.literal('shape'), shape: linkShapeSchema }),
  /** Nothing passes any more, in either direction, and neither end is told. */
  z.object({ ...target, kind: z.literal('cut') }),
  /** The next bytes sent are damaged. */
  z.object({ ...target, kind: z.literal('corrupt') }),
  z.object({ ...target, kind: z.literal('heal') })
])
export type LinkOrder = z.infer<typeof linkOrderSchema>
