import { matrix, matrixHelp } from './matrix.ts'
import { soak, soakHelp } from './soak.ts'

/** `npm run lab`: what takes too long for a test, with real peers as processes on loopback. */

const commands = { matrix: { run: matrix, help: matrixHelp }, soak: { run: soak, help: soakHelp } }

const help = `npm run lab -- <command> [options]

Commands: ${Object.keys(commands).join(', ')}. Each has --help.`

const [name, ...args] = process.argv.slice(2)
const command = name === 'matrix' || name === 'soak' ? commands[name] : undefined
if (command === undefined) {
  console.log(help)
  if (name !== '--help') process.exitCode = 1
} else if (args.includes('--help')) console.log(command.help)
else if (!(await command.run(args))) process.exitCode = 1
