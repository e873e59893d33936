import { procedureSchemas, type InputOf, type OutputOf } from '#contract/control.ts'
import { homeAt } from '#settings/home.ts'
import {
  createModelHandlers,
  type ModelCalls,
  type ModelStreams
} from '../node/models/model-handlers.ts'
import { StoreAccess } from '../node/models/store-access.ts'
import { Transfers } from '../node/models/transfers.ts'
import { useProxies } from '../node/models/use-proxies.ts'
import type { CommandIo } from './command-io.ts'
import { findNode } from './running-node.ts'

/** The questions about models, whoever answers them. */
export interface ModelsChannel {
  call<Name extends keyof ModelCalls>(
    name: Name,
    input: InputOf<Name>,
    signal?: AbortSignal
  ): Promise<OutputOf<Name>>
  stream<Name extends keyof ModelStreams>(
    name: Name,
    input: InputOf<Name>,
    signal?: AbortSignal
  ): AsyncIterable<OutputOf<Name>>
}

const never = new AbortController().signal

/** Asks the running node; where none runs, opens the weights store for one command. Throws what opening it and `use` throw. */
export async function withModels<Result>(
  io: Pick<CommandIo, 'homeFolder'>,
  use: (channel: ModelsChannel) => Promise<Result>
): Promise<Result> {
  const node = await findNode(io.homeFolder)
  if (node === undefined) return withOwnStore(homeAt(io.homeFolder).weightsFolder, use)
  try {
    return await use(node.client)
  } finally {
    node.close()
  }
}

async function withOwnStore<Result>(
  folder: string,
  use: (channel: ModelsChannel) => Promise<Result>
): Promise<Result> {
  const closers = new AsyncDisposableStack()
  try {
    closers.defer(useProxies(process.env))
    const access: StoreAccess = new StoreAccess({
      folder,
      onOpen: () => transfers.takeUp(false)
    })
    closers.defer(() => access.close())
    const transfers: Transfers = new Transfers({ access })
    closers.defer(() => transfers.close())
    await access.require()
    const { calls, streams } = createModelHandlers({ access, transfers, isNetworked: false })
    return await use({
      call: (name, input, signal = never) =>
        calls[name](procedureSchemas[name].input.parse(input), signal),
      stream: (name, input, signal = never) =>
        streams[name](procedureSchemas[name].input.parse(input), signal)
    })
  } finally {
    await closers.disposeAsync()
  }
}
