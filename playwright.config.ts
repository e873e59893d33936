import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

/** Debian's own browser where it is installed; else the one that "playwright install" fetched. */
const debianChromium = '/usr/bin/chromium'
const executable = existsSync(debianChromium) ? { executablePath: debianChromium } : {}
/** Chromium refuses to be sandboxed as root, as which containers run. */
const isRoot = process.getuid?.() === 0

export default defineConfig({
  testDir: 'test/ui',
  outputDir: 'test-results',
  // One node serves all tests, on two cores: more browsers at once only slow each other down.
  workers: 1,
  // Far above what any test takes: a busy computer is slow, not wrong.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: [['list'], ['json', { outputFile: 'out/test-reports/ui.json' }]],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    launchOptions: { ...executable, args: isRoot ? ['--no-sandbox'] : [] },
    trace: 'retain-on-failure'
  }
})
