import { Command, Option } from 'commander'
import { wireDtypes } from '#contract/stage.ts'
import { version } from '../version.ts'
import { runChatCommand, type ChatCommandOptions } from './chat.ts'
import { runCommand, type CommandIo } from './command-io.ts'
import { askQuestion } from './ask-question.ts'
import { parseLayers } from './layers.ts'
import { addHostingCommands, addStoreCommands, addTransferCommands } from './model-commands.ts'
import { runModelList, runModelShow } from './model.ts'
import { anyNumber, wholeNumber } from './numbers.ts'
import { runPause, runResume } from './pause.ts'
import { runSettingsGet, runSettingsSet } from './settings.ts'
import { runStartCommand, type StartCommandOptions } from './start.ts'
import { runStatusCommand } from './status.ts'
import { maxSwarmPeers, runSwarmCommand, type SwarmCommandOptions } from './swarm.ts'

interface WithJson {
  readonly json?: boolean
}

/** The whole command line. `entry`: its `import.meta.url`. */
export function createProgram(entry: string): Command {
  const program = new Command('skein')
    .description('Turns the idle GPUs of home PCs into one AI.')
    .version(version)
    .showHelpAfterError('(add --help for what it takes)')
    .addHelpText('after', '\nSKEIN_HOME names the data folder; each command takes --json.')
  const run = ({ json = false }: WithJson, command: (io: CommandIo) => Promise<void>) =>
    runCommand(entry, json, command)

  program
    .command('start')
    .description('start Skein: in a window where there can be one, else with a page for a browser')
    .option('--headless', 'without a window')
    .option('--port <port>', 'port of the page and the API; any free one when absent')
    .option('--model <model>', 'host this model: a file, an address, or a name or key of a model')
    .option(
      '--layers <range>',
      'of it, only these layers: first..last, both included, counted from 0',
      parseLayers
    )
    .option('--network <secret>', 'join the network of all who give the same secret')
    .option('--json', 'print the page’s address as JSON')
    .addHelpText(
      'after',
      '\nWhat is missing of the model comes from the network, or is downloaded. SKEIN_NETWORK may hold the secret.'
    )
    .action(async (options: StartCommandOptions) => {
      process.exitCode = await runStartCommand(entry, options)
    })

  program
    .command('status')
    .description('tell how the running Skein is')
    .option('--json', 'as JSON')
    .action((options: WithJson) => run(options, runStatusCommand))

  program
    .command('chat <question>')
    .description(
      'ask one question: of the running Skein, else of one that lives as long as the answer'
    )
    .option('--model <name>', 'alias, name or key of a model; the default model when absent')
    .option('--system <text>', 'what the model is told before the question')
    .option('--max-tokens <count>', 'tokens to answer at most', wholeNumber)
    .option('--temperature <value>', '0 picks the best token always', anyNumber)
    .option('--seed <number>', 'the same seed gives the same answer', wholeNumber)
    .option('--json', 'one JSON object per event')
    .action((question: string, options: WithJson & ChatCommandOptions) =>
      run(options, (io) => runChatCommand(io, question, options))
    )

  addSwarm(program, run)
  addModel(program, run)
  addPause(program, run)
  addSettings(program, run)
  return program
}

type Run = (options: WithJson, command: (io: CommandIo) => Promise<void>) => Promise<void>

function addSwarm(program: Command, run: Run): void {
  program
    .command('swarm [question]')
    .description('run several peers on this computer, each with a part of a model, and ask them')
    .option('--peers <count>', `peers, 1 to ${maxSwarmPeers}`, wholeNumber, 3)
    .option('--model <file>', 'a GGUF file; the model that comes with Skein when absent')
    .addOption(new Option('--dtype <type>', 'how values travel between peers').choices(wireDtypes))
    .option('--max-tokens <count>', 'tokens to answer at most', wholeNumber)
    .option('--temperature <value>', '0 picks the best token always', anyNumber)
    .option('--seed <number>', 'the same seed gives the same answer', wholeNumber)
    .option('--threads <count>', 'CPU threads of each peer', wholeNumber)
    .option('--json', 'one JSON object per event')
    .addHelpText(
      'after',
      '\nExample:\n  npm run swarm -- --peers 3 "How do I pause lending?"\n\n' +
        'Everything stays on this computer: a DHT on loopback, and one process per peer.'
    )
    .action((question: string | undefined, options: Omit<SwarmCommandOptions, 'prompt'>) =>
      run(options, async (io) => {
        const prompt = question ?? (await askQuestion(process.stdin, process.stderr, io.signal))
        await runSwarmCommand({ ...options, prompt, json: io.json }, io)
      })
    )
}

function addModel(program: Command, run: Run): void {
  const model = program.command('model').description('look at models, add them, share them')
  model
    .command('list')
    .description('models that can be used now, and those that were added')
    .option('--json', 'as JSON')
    .action((options: WithJson) => run(options, runModelList))
  model
    .command('show <model>')
    .description('what a GGUF file or a model that was added holds, and where it can be split')
    .option('--json', 'as JSON')
    .action((asked: string, options: WithJson) => run(options, (io) => runModelShow(io, asked)))
  addStoreCommands(model, run)
  addTransferCommands(model, run)
  addHostingCommands(model, run)
}

function addPause(program: Command, run: Run): void {
  program
    .command('pause [length]')
    .description('lend nothing: for 1h, 90min, until tomorrow, or by-hand until you resume')
    .option('--after-answers', 'let the answers at work end first')
    .option('--json', 'as JSON')
    .action((length: string | undefined, options: WithJson & { afterAnswers?: boolean }) =>
      run(options, (io) => runPause(io, length ?? 'by-hand', options.afterAnswers === true))
    )
  program
    .command('resume')
    .description('end a pause')
    .option(
      '--lend <length>',
      'and lend for so long, such as 2h, whether or not you use the computer'
    )
    .option('--json', 'as JSON')
    .action((options: WithJson & { lend?: string }) =>
      run(options, (io) => runResume(io, options.lend))
    )
}

function addSettings(program: Command, run: Run): void {
  const settings = program.command('settings').description('read and change settings')
  settings
    .command('list', { isDefault: true })
    .description('all settings with their defaults, and what they do')
    .option('--json', 'as JSON')
    .action((options: WithJson) => run(options, (io) => runSettingsGet(io, undefined)))
  settings
    .command('get <name>')
    .description('one setting')
    .option('--json', 'as JSON')
    .action((name: string, options: WithJson) => run(options, (io) => runSettingsGet(io, name)))
  settings
    .command('set <name> <value>')
    .description('change a setting: on, off, a number')
    .option('--json', 'as JSON')
    .action((name: string, value: string, options: WithJson) =>
      run(options, (io) => runSettingsSet(io, name, value))
    )
}
