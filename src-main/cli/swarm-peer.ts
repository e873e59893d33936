/** One peer of `skein swarm`, in a process of its own. */
import { runPeer } from './run-peer.ts'

runPeer()
