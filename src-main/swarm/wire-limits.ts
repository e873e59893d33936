import { stageLimits, type Step } from '#contract/stage.ts'

/**
 * The largest frame on a connection: the boundary of one step and its header. It is checked when a frame's length is known,
 * before memory is set aside for it. A step is one frame: with at most 4 MB it holds up others on the same connection for
 * about a second on a slow uplink of 30 Mbit/s, and a coordinator sends smaller ones (`preferredRows`).
 */
export const maxFrameBytes = stageLimits.maxBoundaryBytes + 64 * 1024

/**
 * Bytes of steps on one connection that the receiving stages have not taken yet. UDX reads on whether or not anybody takes what
 * arrives, so a sender counts and waits by itself, and a receiver ends a connection that goes beyond.
 */
export const stepWindowBytes = 2 * stageLimits.maxBoundaryBytes

/** What a small step counts for in the window at least, so that no more of them wait at a stage than a session may have there. */
const leastStepBytes = stepWindowBytes / stageLimits.maxStepsInFlight

/** What a step counts for in the window. */
export function stepBytes({ input }: Step): number {
  const bytes = input.kind === 'boundary' ? input.data.byteLength : input.tokens.byteLength
  return Math.max(bytes, leastStepBytes)
}
