import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * A program that the lockfile brings: the same version everywhere, whatever is installed on the machine.
 * @param {string} name
 */
export function binary(name) {
  return path.join(root, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name)
}
