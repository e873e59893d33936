import type { LogFields, Logger } from '#contract/log.ts'
import { isAtLeast, type LogLevel } from './log-levels.ts'
import { RotatingFile } from './rotating-file.ts'

export interface FileLogger extends Logger {
  close(): void
}

export interface FileLoggerOptions {
  readonly folder: string
  readonly level: LogLevel
  /** Bytes of one file; 1 MiB when absent. */
  readonly maxBytes?: number
  /** The time of a line, in milliseconds since 1970. */
  readonly now?: () => number
}

/** Log lines as JSON, one object per line: `{"time", "level", "message", ...fields}`. */
export function openFileLogger(options: FileLoggerOptions): FileLogger {
  const { folder, level: least, maxBytes = 1 << 20, now = Date.now } = options
  const file = new RotatingFile({ folder, name: 'skein', maxBytes, keep: 3 })

  function writer(level: LogLevel): Logger[LogLevel] {
    if (!isAtLeast(level, least)) return () => undefined
    return (message: string, fields?: LogFields) => {
      const time = new Date(now()).toISOString()
      file.write(JSON.stringify({ time, level, pid: process.pid, message, ...fields }) + '\n')
    }
  }
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    close: () => file.close()
  }
}
