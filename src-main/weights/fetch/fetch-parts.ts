import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import { ByteBucket, realClock, type Clock } from '../byte-bucket.ts'
import { DiskBudget } from '../disk-budget.ts'
import type { UsageLedger } from '../usage-ledger.ts'
import type { FetchParts } from './fetch-session.ts'

export interface FetchPartsOptions {
  readonly clock?: Clock
  /** Free space of the disk that the store is on; asked of the system when absent. */
  readonly freeBytes?: () => Promise<number>
  /** How long a peer may keep a request while others deliver, in milliseconds. */
  readonly stallMs?: number
}

const defaultStallMs = 15_000

/** What all fetches into the store at `folder` share. */
export function fetchPartsOf(
  folder: string,
  ledger: UsageLedger,
  options: FetchPartsOptions
): FetchParts {
  const clock = options.clock ?? realClock
  return {
    clock,
    downloads: new ByteBucket(Infinity, clock),
    freeBytes: options.freeBytes ?? (() => freeBytesAt(folder)),
    budget: new DiskBudget(['blocks', 'files'].map((name) => path.join(folder, name))),
    stallMs: options.stallMs ?? defaultStallMs,
    onBlock: (model, bytes) => ledger.add(model, { downloaded: bytes }),
    onBadPeer: ({ stream }) => {
      stream.destroy(new SkeinError('protocol-violation', 'a block that is not the one asked for'))
    }
  }
}

async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
