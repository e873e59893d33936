/** The command line: `npm run skein -- <command>`. */
import { createProgram } from './cli/program.ts'

await createProgram(import.meta.url).parseAsync()
