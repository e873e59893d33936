import type { Logger } from '#contract/log.ts'

const nothing = (): void => undefined

/** For parts that nobody listens to. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing
}
