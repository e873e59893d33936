import { ESLint } from 'eslint'
import { fileURLToPath } from 'node:url'
import tseslint from 'typescript-eslint'
import { expect, test } from 'vitest'

const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../../..', import.meta.url)),
  // Imports are told apart without types, in a fraction of the time.
  overrideConfig: [tseslint.configs.disableTypeChecked]
})

/** Whether ESLint lets this file import that. */
async function allows(file: string, imported: string): Promise<boolean> {
  const [result] = await eslint.lintText(`import '${imported}'\n`, { filePath: file })
  return result?.messages.every(({ ruleId }) => ruleId !== 'no-restricted-imports') ?? false
}

test.each([
  ['src-main/chat/chat.ts', '#session/generate.ts'],
  ['src-main/api/app.ts', '#chat/chat.ts'],
  ['src-main/host/stage-host.ts', '#swarm/swarm.ts'],
  ['src-main/node/answer.ts', '#session/generate.ts'],
  ['src-main/shell/run-shell.ts', 'electron'],
  ['src-main/shell/run-shell.ts', '#api/page.ts'],
  ['src-renderer/main.tsx', '#contract/chat.ts']
])('%s may import %s', async (file, imported) => {
  expect(await allows(file, imported)).toBe(true)
})

test.each([
  ['src-main/contract/chat.ts', '#model/gguf.ts'],
  ['src-main/model/gguf.ts', '#engine/vocabulary.ts'],
  ['src-main/session/generate.ts', '#engine/vocabulary.ts'],
  ['src-main/session/generate.ts', '../engine/vocabulary.ts'],
  ['src-main/chat/chat.ts', '#swarm/swarm.ts'],
  ['src-main/api/app.ts', '#shell/run-shell.ts'],
  ['src-main/api/app.ts', 'electron'],
  ['src-main/api/app.ts', '#node'],
  ['src-main/api/app.ts', '#test/support/temporary-folder.ts'],
  ['src-main/node/answer.ts', 'electron'],
  ['src-main/cli/start.ts', '#shell/run-shell.ts'],
  ['src-renderer/main.tsx', '#session/generate.ts'],
  ['src-renderer/main.tsx', '../src-main/session/generate.ts'],
  ['src-renderer/main.tsx', 'node:fs']
])('%s may not import %s', async (file, imported) => {
  expect(await allows(file, imported)).toBe(false)
})
