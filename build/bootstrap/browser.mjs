// The browser in which the page is tested: Debian's where it is installed, else Playwright's own, fetched once.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from 'playwright'
import { binary } from './paths.mjs'

if (!existsSync('/usr/bin/chromium') && !existsSync(chromium.executablePath())) {
  console.error('Fetching a browser for the tests of the page (once) ...')
  const { status } = spawnSync(binary('playwright'), ['install', 'chromium'], {
    stdio: 'inherit',
    shell: process.platform === 'win32'
  })
  if (status !== 0) {
    console.error('The browser could not be fetched. On Debian, install "chromium" instead.')
    process.exit(1)
  }
}
