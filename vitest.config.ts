import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/{unit,integration,lab}/**/*.test.ts'],
    pool: 'forks',
    // Real engines and real peers share two cores: more files at once only makes each of them slower.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What a test waits for comes when a busy computer gets to it.
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default', 'json'],
    outputFile: { json: 'out/test-reports/node.json' }
  }
})
