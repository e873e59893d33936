import { z } from 'zod'
import { textUpTo, type Codec } from './codec.ts'

/**
 * The first message in both directions: which versions of which protocols a peer speaks. It never changes its own form, so
 * that any two versions of Skein can at least tell each other why they part.
 */
const helloSchema = z.object({
  /** Skein's version, for the log only. */
  version: z.string().max(100),
  protocols: z.record(z.string().max(64), z.array(z.int().min(0).max(1_000_000)).max(32))
})
export type Hello = Readonly<z.infer<typeof helloSchema>>

const helloText = textUpTo(4096)

export const helloMessage: Codec<Hello> = {
  preencode: (state, hello) => helloText.preencode(state, JSON.stringify(hello)),
  encode: (state, hello) => helloText.encode(state, JSON.stringify(hello)),
  decode: (state) => helloSchema.parse(JSON.parse(helloText.decode(state)))
}
