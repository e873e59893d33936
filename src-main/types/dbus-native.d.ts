/** The part of the library that `signals/linux/dbus.ts` uses; its own types leave most of it out. */
declare module '@homebridge/dbus-native' {
  interface Message {
    readonly destination: string
    readonly path: string
    readonly interface: string
    readonly member: string
    readonly signature?: string
    readonly body?: readonly unknown[]
  }

  export interface MessageBus {
    readonly connection: {
      on(event: 'error', listener: (error: unknown) => void): void
      on(event: 'end', listener: () => void): void
      end(): void
    }
    readonly signals: {
      on(name: string, listener: (body: readonly unknown[]) => void): void
    }
    /** The name under which `signals` tells of a signal. */
    mangle(path: string, interfaceName: string, member: string): string
    invoke(message: Message, reply: (error: unknown, ...values: readonly unknown[]) => void): void
  }

  const dbus: {
    createClient(options: { readonly busAddress: string }): MessageBus
  }
  export default dbus
}
