import path from 'node:path'
import { existsSync, readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { modelKeySchema } from '#contract/model.ts'
import type { Transfer, TransferTask } from '#contract/transfers.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { serveFile } from '#test/support/weights/file-server.ts'
import { linkStores } from '#test/support/weights/link-stores.ts'
import { modelFile, openStore } from '#test/support/weights/store-fixture.ts'
import { WeightsStore } from '#weights/weights-store.ts'
import { StoreAccess } from '../../../src-main/node/models/store-access.ts'
import { Transfers } from '../../../src-main/node/models/transfers.ts'

const never = AbortSignal.any([])
const nobodys: TransferTask = { kind: 'fetch', model: modelKeySchema.parse('5'.repeat(64)) }

interface Opened {
  readonly access: StoreAccess
  readonly transfers: Transfers
  readonly close: () => Promise<void>
}

async function open(folder: string, isOwner = true): Promise<Opened> {
  const access: StoreAccess = new StoreAccess({
    folder,
    onOpen: () => transfers.takeUp(isOwner)
  })
  const transfers: Transfers = new Transfers({ access })
  const close = async (): Promise<void> => {
    await transfers.close()
    await access.close()
  }
  onTestFinished(close)
  await access.require()
  return { access, transfers, close }
}

/** Resolves with the first state of a transfer that fulfils `condition`. */
async function until(
  transfers: Transfers,
  { id }: Pick<Transfer, 'id'>,
  condition: (transfer: Transfer) => boolean
): Promise<Transfer> {
  for await (const transfer of transfers.watch(id, never)) if (condition(transfer)) return transfer
  throw new Error('it ended')
}

const isSearching = ({ progress }: Transfer): boolean =>
  progress !== undefined && 'state' in progress && progress.state === 'searching'

test('a file is added; whoever asks later still hears how it ended', async () => {
  const { transfers } = await open(temporaryFolder())
  const file = await modelFile()
  const started = transfers.start({ kind: 'add', source: file })
  const model = await transfers.finished(started, never)
  expect(model).toMatchObject({ path: file, state: 'whole' })
  expect(transfers.list()).toEqual([])
  expect(await until(transfers, started, () => true)).toMatchObject({ state: 'done', model })
  expect(transfers.start({ kind: 'add', source: file })).toMatchObject({ state: 'running' })
})

test('what nobody has is searched for; paused, it stays so over a restart; then it comes by itself', async () => {
  const seeder = await openStore()
  const { info } = await seeder.importFile(await modelFile())
  seeder.setUploadLimits({ isAllowed: true, bytesPerSecond: Infinity, bytesPerMonth: Infinity })
  const folder = temporaryFolder()
  const first = await open(folder)
  const task: TransferTask = { kind: 'fetch', model: info.key, range: { first: 1, end: 3 } }
  const transfer = first.transfers.start(task)
  expect(transfer.id).toBe(`${info.key}:1..2`)
  await until(first.transfers, transfer, isSearching)
  expect(await first.transfers.pause(transfer.id)).toMatchObject({ state: 'paused' })
  await first.close()

  const second = await open(folder)
  expect(second.transfers.list()).toMatchObject([{ id: transfer.id, state: 'paused' }])
  const resumed = second.transfers.resume(transfer.id)
  await until(second.transfers, resumed, isSearching)
  linkStores(await second.access.require(), seeder)
  const model = await second.transfers.finished(resumed, never)
  expect(model).toMatchObject({ info: { key: info.key }, state: 'partial' })
})

test('what was at work goes on with the next owner of the store, and waits with anybody else', async () => {
  const folder = temporaryFolder()
  const first = await open(folder)
  const transfer = first.transfers.start(nobodys)
  await until(first.transfers, transfer, isSearching)
  await first.close()

  const guest = await open(folder, false)
  expect(guest.transfers.list()).toMatchObject([{ state: 'waiting' }])
  await guest.close()
  const owner = await open(folder)
  await until(owner.transfers, transfer, isSearching)
})

test('cancelled, it is forgotten', async () => {
  const folder = temporaryFolder()
  const { transfers } = await open(folder)
  const transfer = transfers.start(nobodys)
  await until(transfers, transfer, isSearching)
  expect(await transfers.cancel(transfer.id)).toMatchObject({ state: 'cancelled' })
  expect(transfers.list()).toEqual([])
  const kept: unknown = JSON.parse(readFileSync(path.join(folder, 'transfers.json'), 'utf8'))
  expect(kept).toEqual({ version: 1, transfers: [] })
  await expect(transfers.finished(transfer, never)).rejects.toMatchObject({ code: 'cancelled' })
})

test('one that cannot be says why, and can be tried again', async () => {
  const { transfers } = await open(temporaryFolder())
  const source = path.join(temporaryFolder(), 'none.gguf')
  const transfer = transfers.start({ kind: 'add', source })
  await expect(transfers.finished(transfer, never)).rejects.toMatchObject({
    code: 'model-not-found'
  })
  expect(transfers.list()).toMatchObject([{ state: 'failed', error: { code: 'model-not-found' } }])
  expect(transfers.resume(transfer.id)).toMatchObject({ state: 'running' })
})

test('a download that does not fit into the disk space for models is refused before it begins', async () => {
  const { access, transfers } = await open(temporaryFolder())
  const store = await access.require()
  const server = await serveFile(readFileSync(await modelFile()))
  const source = 'hf:owner/repository/model.gguf'
  const task: TransferTask = { kind: 'add', source, endpoint: server.origin }
  store.setDiskBudget(1_000_000)
  await expect(transfers.finished(transfers.start(task), never)).rejects.toMatchObject({
    code: 'weights-over-budget'
  })
  expect(server.requests.filter(({ method }) => method === 'GET')).toEqual([])
  store.setDiskBudget(10_000_000)
  expect(await transfers.finished(transfers.start(task), never)).toMatchObject({ state: 'whole' })
})

test('a store that is in use is waited for, and its list is not touched', async () => {
  const folder = temporaryFolder()
  const other = await WeightsStore.open(folder)
  const access = new StoreAccess({ folder })
  const transfers = new Transfers({ access })
  const transfer = transfers.start(nobodys)
  expect(await until(transfers, transfer, ({ state }) => state === 'waiting')).toMatchObject({
    error: { code: 'weights-in-use' }
  })
  expect(existsSync(path.join(folder, 'transfers.json'))).toBe(false)
  await other.close()
  transfers.resume(transfer.id)
  await until(transfers, transfer, isSearching)
  await transfers.close()
  await access.close()
})

test('what is not known is refused by name', async () => {
  const { transfers } = await open(temporaryFolder())
  await expect(transfers.pause('nothing')).rejects.toMatchObject({ code: 'transfer-unknown' })
  expect(() => transfers.resume('nothing')).toThrow(
    expect.objectContaining({ code: 'transfer-unknown' })
  )
})
