/** Facts of one log line; values are shown as they are, so never a prompt, an answer or a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** What a part of Skein writes its log to; injected, so that a test can listen. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}
