declare module 'fs-native-extensions' {
  /** Whether the exclusive lock was granted; it ends with `unlock`, with the descriptor, or with the process. */
  export function tryLock(descriptor: number): boolean
  export function unlock(descriptor: number): void
}
