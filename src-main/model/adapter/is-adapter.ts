import type { Gguf } from '../gguf.ts'

/** Whether the file says of itself that it is an adapter, of whatever kind. */
export function isAdapter(gguf: Gguf): boolean {
  const entry = gguf.metadata.get('general.type')
  return entry?.type === 'string' && entry.value === 'adapter'
}
