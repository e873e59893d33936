import dbus, { type MessageBus } from '@homebridge/dbus-native'
import type { UnavailableReason } from '#contract/signals.ts'
import { Unavailable } from '../signal-source.ts'

/** A method of an object on a bus. */
export interface DbusMethod {
  readonly service: string
  readonly path: string
  readonly interface: string
  readonly member: string
}

/** A bus as adapters see it. Values come as they are: each adapter checks what it gets. */
export interface DbusCaller {
  /** Throws `Unavailable`: `unsupported` where nobody offers the method, `failed` where it answered with an error. */
  call(method: DbusMethod): Promise<readonly unknown[]>
  /** `member` names the property. */
  property(of: DbusMethod): Promise<unknown>
  /** Calls `listener` for each signal that `from` names. */
  listen(from: DbusMethod, listener: () => void): void
  close(): void
}

/** What a service says that is not there, does not run here, or has no such method. */
const absent =
  /ServiceUnknown|NameHasNoOwner|UnknownMethod|UnknownObject|UnknownInterface|UnknownProperty|NotSupported|Spawn\.|NoReply|FileNotFound/

/** One connection to one bus, opened when it is first needed and opened again after it broke. */
export class DbusLink implements DbusCaller {
  readonly #address: string | undefined
  #bus: MessageBus | undefined
  /** What is to be heard of on each new connection. */
  readonly #listening: ((bus: MessageBus) => void)[] = []
  /** Who waits for an answer: a bus that breaks gives none. */
  readonly #waiting = new Set<(error: Unavailable) => void>()

  /** `undefined`: there is no such bus here. */
  constructor(address: string | undefined) {
    this.#address = address
  }

  call(method: DbusMethod): Promise<readonly unknown[]> {
    return this.#invoke(method, [])
  }

  async property({ interface: owner, member, ...rest }: DbusMethod): Promise<unknown> {
    const get = { ...rest, interface: 'org.freedesktop.DBus.Properties', member: 'Get' }
    const [variant] = await this.#invoke(get, [owner, member])
    // A variant: what it is made of, and its one value in a list.
    const list: unknown = Array.isArray(variant) ? variant[1] : undefined
    const value: unknown = Array.isArray(list) ? list[0] : undefined
    return value
  }

  listen({ path, interface: owner, member }: DbusMethod, listener: () => void): void {
    const listen = (bus: MessageBus): void =>
      bus.signals.on(bus.mangle(path, owner, member), listener)
    this.#listening.push(listen)
    if (this.#bus !== undefined) listen(this.#bus)
  }

  close(): void {
    const bus = this.#bus
    this.#bus = undefined
    bus?.connection.end()
  }

  async #invoke(
    { service, path, interface: owner, member }: DbusMethod,
    body: readonly string[]
  ): Promise<readonly unknown[]> {
    const bus = this.#connect()
    const message = { destination: service, path, interface: owner, member }
    const withBody =
      body.length === 0 ? message : { ...message, signature: 's'.repeat(body.length), body }
    return await new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      bus.invoke(withBody, (error, ...values) => {
        this.#waiting.delete(reject)
        if (error === undefined || error === null) resolve(values)
        else reject(refusal(error))
      })
    })
  }

  #connect(): MessageBus {
    if (this.#bus !== undefined) return this.#bus
    if (this.#address === undefined) throw new Unavailable('unsupported', 'no such bus')
    const bus = dbus.createClient({ busAddress: this.#address })
    const forget = (reason: UnavailableReason): void => {
      if (this.#bus !== bus) return
      this.#bus = undefined
      for (const reject of this.#waiting) reject(new Unavailable(reason, 'the bus is gone'))
      this.#waiting.clear()
    }
    bus.connection.on('error', (error) => forget(isAbsent(error) ? 'unsupported' : 'failed'))
    bus.connection.on('end', () => forget('failed'))
    for (const listen of this.#listening) listen(bus)
    this.#bus = bus
    return bus
  }
}

/** Nobody listens at the bus's address: a server or a container has none. */
function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ECONNREFUSED'
}

function refusal(error: unknown): Unavailable {
  const name =
    typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : ''
  return new Unavailable(absent.test(name) ? 'unsupported' : 'failed', name)
}
