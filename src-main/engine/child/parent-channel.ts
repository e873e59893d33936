import type { FromEngine } from '../messages.ts'

/** The engine process's line to the one that started it. */
export interface ParentChannel {
  send(message: FromEngine): void
  /** Sends and resolves when the message has left this process. */
  flush(message: FromEngine): Promise<void>
  listen(listener: (message: unknown) => void): void
  onClosed(listener: () => void): void
}

/** The line of `child_process.fork`. Throws when this process was not forked. */
export function forkedChannel(): ParentChannel {
  if (process.send === undefined) throw new Error('an engine process is started by Skein itself')
  const send = process.send.bind(process)
  return {
    send: (message) => void send(message),
    flush: (message) =>
      new Promise((resolve) => {
        send(message, undefined, undefined, () => resolve())
      }),
    listen: (listener) => void process.on('message', listener),
    onClosed: (listener) => void process.on('disconnect', listener)
  }
}
