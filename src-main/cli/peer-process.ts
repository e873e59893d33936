import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ControlClient } from '#contract/control-client.ts'
import { SkeinError } from '#contract/errors.ts'
import type { PeerKey } from '#contract/peer.ts'
import {
  fromPeerSchema,
  type FromPeer,
  type PeerConfig,
  type ReachableRange,
  type ToPeer
} from './peer-messages.ts'

/** How long a peer may take to put everything in order, before it is killed. */
const stopMs = 10_000

/** A peer that runs in a process of its own. */
export class PeerProcess {
  readonly control: ControlClient
  readonly #child: ChildProcess
  readonly #ready = Promise.withResolvers<PeerKey>()
  readonly #exited = Promise.withResolvers<undefined>()
  readonly #listeners = new Set<() => void>()
  #stages: readonly ReachableRange[] = []

  /** `entry`: a module that calls `runPeer`. */
  constructor(entry: URL, config: PeerConfig) {
    this.#child = fork(fileURLToPath(entry), {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
    this.control = new ControlClient((frame) => this.send({ type: 'control', frame }))
    this.#ready.promise.catch(() => undefined)
    this.#child.on('message', (value) => this.#receive(fromPeerSchema.parse(value)))
    this.#child.on('error', (error) => this.#gone(error.message))
    this.#child.on('exit', (code, signal) =>
      this.#gone(`code ${code ?? '-'}, signal ${signal ?? '-'}`)
    )
    this.send({ type: 'start', config })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** Resolves with its key when its stage is loaded and it has met the others. Throws why not. */
  get ready(): Promise<PeerKey> {
    return this.#ready.promise
  }

  /** Resolves when the process is gone. */
  get exited(): Promise<undefined> {
    return this.#exited.promise
  }

  /** The stages that it can use now. */
  get stages(): readonly ReachableRange[] {
    return this.#stages
  }

  /** Resolves when the stages that it can use fulfil `condition`. */
  async until(condition: (stages: readonly ReachableRange[]) => boolean): Promise<void> {
    if (condition(this.#stages)) return
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition(this.#stages)) return
        this.#listeners.delete(look)
        resolve()
      }
      this.#listeners.add(look)
    })
  }

  send(message: ToPeer): void {
    if (this.#child.connected) this.#child.send(message)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Ends the peer; resolves when its process is gone. */
  async stop(): Promise<void> {
    this.send({ type: 'stop' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMs)
    await this.exited
    clearTimeout(timer)
  }

  #receive(message: FromPeer): void {
    switch (message.type) {
      case 'ready':
        return this.#ready.resolve(message.peer)
      case 'failed':
        return this.#ready.reject(SkeinError.fromValue(message.error))
      case 'control':
        return this.control.receive(message.frame)
      case 'stages':
        this.#stages = message.stages
        for (const look of [...this.#listeners]) look()
        return
    }
  }

  #gone(how: string): void {
    const error = new SkeinError('peer-lost', `the process ended: ${how}`)
    this.#ready.reject(error)
    this.control.close(error)
    this.#exited.resolve(undefined)
  }
}
