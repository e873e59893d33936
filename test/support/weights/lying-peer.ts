import path from 'node:path'
import type SecretStream from '@hyperswarm/secret-stream'
import Corestore from 'corestore'
import CorestoreStorage, { type CoreStorage } from 'hypercore-storage'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { WeightsStore } from '#weights/weights-store.ts'

/** What a peer gives for a block that it claims to have. `read` is honest. */
export type GiveBlock = (
  read: () => Promise<Uint8Array | null>,
  index: number
) => Promise<Uint8Array | null>

export interface LyingPeer {
  attach(connection: SecretStream): void
  /** Blocks that it was asked for. */
  readonly asked: readonly number[]
}

/** A peer with the whole tree of a model file, and blocks as the test wants them. Waits for `hold` before it looks at a request. */
export async function lyingPeer(
  file: string,
  give: GiveBlock,
  hold: () => Promise<void> = () => Promise.resolve()
): Promise<LyingPeer> {
  const folder = temporaryFolder()
  const honest = await WeightsStore.open(folder)
  const { info } = await honest.importFile(file)
  const source = honest.source(info.key)
  const bytes = await source.read(0, source.size)
  await honest.close()

  const asked: number[] = []
  const storage = new LyingStorage(path.join(folder, 'cores'), (index) => {
    asked.push(index)
    const block = bytes.subarray(index * 65_536, (index + 1) * 65_536)
    return give(() => Promise.resolve(block), index)
  })
  const cores = new Corestore(storage)
  await cores.ready()
  cores.get({ key: Buffer.from(info.key, 'hex'), active: false }).on('peer-add', (peer) => {
    const answer = peer.onrequest.bind(peer)
    peer.onrequest = async (request) => {
      await hold()
      await answer(request)
    }
  })
  onTestFinished(() => cores.close())
  return { asked, attach: (connection) => void cores.replicate(connection) }
}

class LyingStorage extends CorestoreStorage {
  readonly #give: (index: number) => Promise<Uint8Array | null>

  constructor(folder: string, give: (index: number) => Promise<Uint8Array | null>) {
    super(folder)
    this.#give = give
  }

  override async resumeCore(discoveryKey: Uint8Array): Promise<CoreStorage | null> {
    const storage = await super.resumeCore(discoveryKey)
    if (storage === null) return null
    const read = storage.read.bind(storage)
    storage.read = () => {
      const reader = read()
      reader.getBlock = (index) => this.#give(index)
      return reader
    }
    return storage
  }
}
