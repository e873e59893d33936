/** One peer of the lab, in a process of its own: a peer of `skein swarm` whose links obey. */
import { runPeer } from '../../../src-main/cli/run-peer.ts'
import { peerKeySchema } from '#contract/peer.ts'
import { linkOrderSchema } from './link-orders.ts'
import { LinkStates } from './link-state.ts'
import { ShapedStream } from './shaped-stream.ts'

const links = new LinkStates()

runPeer({
  wrapRawStream: (raw, remotePublicKey) =>
    new ShapedStream(raw, () => {
      const key = remotePublicKey()
      return key === null
        ? undefined
        : links.of(peerKeySchema.parse(Buffer.from(key).toString('hex')))
    }),
  onOrder: (order) => links.obey(linkOrderSchema.parse(order))
})
