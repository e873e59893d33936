import { expect, it } from 'vitest'
import { memoryReport } from '#engine/child/memory-report.ts'

const line = (text: string) => ({ level: 'info' as const, text })

it('adds up caches and compute buffers of all devices', () => {
  const lines = [
    'llama_context:        CPU  output buffer size =     0.12 MiB\n',
    'llama_kv_cache:        CPU KV buffer size =    44.00 MiB\n',
    'llama_kv_cache:      CUDA0 KV buffer size =     4.50 MiB\n',
    'llama_kv_cache: size =   48.50 MiB (  2048 cells,  22 layers,  1/1 seqs)\n',
    'sched_reserve:        CPU compute buffer size =   280.01 MiB\n'
  ].map(line)
  expect(memoryReport(7, lines)).toEqual({
    weightBytes: 7,
    cacheBytes: 48.5 * 1024 * 1024,
    computeBytes: Math.round(0.12 * 1024 * 1024) + Math.round(280.01 * 1024 * 1024)
  })
})
