import type { Command } from 'commander'
import type { LayerRange } from '#contract/model.ts'
import type { CommandIo } from './command-io.ts'
import { parseLayers } from './layers.ts'
import { runModelHost, runModelRelease } from './model-hosting.ts'
import {
  runModelAdd,
  runModelFetch,
  runModelRemove,
  runModelSeed,
  runModelVerify
} from './model-store.ts'
import {
  runModelCancel,
  runModelPause,
  runModelResume,
  runModelTransfers
} from './model-transfers.ts'

interface WithJson {
  readonly json?: boolean
}

interface WithLayers extends WithJson {
  readonly layers?: LayerRange
}

interface WithBase extends WithJson {
  /** The model that an adapter is for. */
  readonly for?: string
}

type Run = (options: WithJson, command: (io: CommandIo) => Promise<void>) => Promise<void>

const modelArgument = 'key of a model, the beginning of it, its name, or the name of its file'
const forArgument = 'it is an adapter (LoRA) for this model, which was added before'
const layersArgument = 'layers as first..last, both included, counted from 0; all when absent'
const transferArgument = 'address, path or key of what is on its way, or a part of it'

/** The commands that change what the weights store keeps. */
export function addStoreCommands(model: Command, run: Run): void {
  model
    .command('add')
    .argument('<file>', 'a GGUF file of yours, hf:<owner>/<repository>/<file>, or https://...')
    .description('add a model, and print its key; a file of yours stays where it is')
    .option('--for <model>', forArgument)
    .option('--json', 'one JSON object per line: progress, then the model')
    .addHelpText(
      'after',
      '\nHF_ENDPOINT names a mirror of Hugging Face, HF_TOKEN your token for models behind terms.\nCtrl-C pauses. Cut off, the same command goes on where it stopped.'
    )
    .action((file: string, options: WithBase) =>
      run(options, (io) => runModelAdd(io, file, { base: options.for }))
    )
  model
    .command('fetch')
    .argument('<key>', 'the whole key of a model')
    .description('fetch a model from the peers who have it, whole or some layers')
    .option('--layers <range>', layersArgument, parseLayers)
    .option('--for <model>', forArgument)
    .option('--json', 'one JSON object per line: progress, then the model')
    .addHelpText(
      'after',
      '\nIt needs a Skein that runs in a network: skein start --network <secret>.\nCtrl-C pauses. As long as nobody who is online has the model, it waits.'
    )
    .action((key: string, options: WithLayers & WithBase) =>
      run(options, (io) => runModelFetch(io, key, options.layers, options.for))
    )
  model
    .command('verify')
    .argument('<model>', modelArgument)
    .description('check every byte of a model against its key')
    .option('--json', 'as JSON')
    .action((asked: string, options: WithJson) => run(options, (io) => runModelVerify(io, asked)))
  model
    .command('remove')
    .argument('<model>', modelArgument)
    .description('forget a model; a file that was added stays')
    .option('--json', 'as JSON')
    .action((asked: string, options: WithJson) => run(options, (io) => runModelRemove(io, asked)))
  model
    .command('seed')
    .argument('<model>', modelArgument)
    .argument('<on|off>', 'whether peers may have it, once the setting "seeding" is on')
    .description('share a model with peers, or not')
    .option('--json', 'as JSON')
    .action((asked: string, value: string, options: WithJson) =>
      run(options, (io) => runModelSeed(io, asked, value))
    )
}

/** The commands for what is on its way. */
export function addTransferCommands(model: Command, run: Run): void {
  const add = (
    name: string,
    description: string,
    command: (io: CommandIo, asked: string) => Promise<void>
  ): void => {
    model
      .command(name)
      .argument('<transfer>', transferArgument)
      .description(description)
      .option('--json', 'as JSON')
      .action((asked: string, options: WithJson) => run(options, (io) => command(io, asked)))
  }
  model
    .command('transfers')
    .description('what is on its way, paused or failed')
    .option('--json', 'as JSON')
    .action((options: WithJson) => run(options, runModelTransfers))
  add('pause', 'pause what is on its way; it stays paused over a restart', runModelPause)
  add('resume', 'go on with what was paused or failed', runModelResume)
  add('cancel', 'forget what is on its way, and what it left', runModelCancel)
}

/** The commands for what the running Skein hosts. */
export function addHostingCommands(model: Command, run: Run): void {
  model
    .command('host')
    .argument('<model>', `${modelArgument}; a file, or an address`)
    .description('let the running Skein host layers of a model: it gets what is missing first')
    .option('--layers <range>', layersArgument, parseLayers)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nOthers may use them only while the setting "lending" is on.')
    .action((asked: string, options: WithLayers) =>
      run(options, (io) => runModelHost(io, asked, options.layers))
    )
  model
    .command('release')
    .argument('<model>', modelArgument)
    .description('let the running Skein give layers up; answers at work end first')
    .option('--layers <range>', layersArgument, parseLayers)
    .option('--json', 'as JSON')
    .action((asked: string, options: WithLayers) =>
      run(options, (io) => runModelRelease(io, asked, options.layers))
    )
}
