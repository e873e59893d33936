// Counts the tests of the last run, by what Vitest and Playwright wrote of it: one line at the end.
import { readFileSync } from 'node:fs'

/** @param {string} name */
function read(name) {
  try {
    return JSON.parse(readFileSync(new URL(`../out/test-reports/${name}`, import.meta.url), 'utf8'))
  } catch {
    return {}
  }
}

const node = read('node.json')
const page = read('ui.json').stats ?? {}
const passed = (node.numPassedTests ?? 0) + (page.expected ?? 0) + (page.flaky ?? 0)
const failed = (node.numFailedTests ?? 0) + (page.unexpected ?? 0)
const skipped = (node.numPendingTests ?? 0) + (node.numTodoTests ?? 0) + (page.skipped ?? 0)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
