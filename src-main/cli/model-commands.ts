import type { Command } from 'commander'
import type { CommandIo } from './command-io.ts'
import { runModelAdd, runModelRemove, runModelSeed, runModelVerify } from './model-store.ts'

interface WithJson {
  readonly json?: boolean
}

type Run = (options: WithJson, command: (io: CommandIo) => Promise<void>) => Promise<void>

const modelArgument = 'key of a model, the beginning of it, or the name of its file'

/** The commands that change what the weights store keeps. */
export function addStoreCommands(model: Command, run: Run): void {
  model
    .command('add')
    .argument('<file>', 'a GGUF file of yours, hf:<owner>/<repository>/<file>, or https://...')
    .description('add a model, and print its key; a file of yours stays where it is')
    .option('--json', 'one JSON object per line: progress, then the model')
    .addHelpText(
      'after',
      '\nHF_ENDPOINT names a mirror of Hugging Face, HF_TOKEN your token for models behind terms.\nCut off, the same command goes on where it stopped.'
    )
    .action((file: string, options: WithJson) => run(options, (io) => runModelAdd(io, file)))
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
    .argument('<on|off>', 'whether peers may have it (kept; this version does not seed yet)')
    .description('share a model with peers, or not')
    .option('--json', 'as JSON')
    .action((asked: string, value: string, options: WithJson) =>
      run(options, (io) => runModelSeed(io, asked, value))
    )
}
