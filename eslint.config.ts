import js from '@eslint/js'
import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig, globalIgnores } from 'eslint/config'
import type { Linter } from 'eslint'
import tseslint from 'typescript-eslint'
import { domains, domainsThatMayImport, type Domain } from './build/lint/import-table.ts'

/** A domain imports itself by `./`, the domains that the table grants it by `#domain/`, and nothing else of ours. */
function domainRule(domain: Domain): Linter.Config {
  const allowed = new Set<string>(domainsThatMayImport[domain])
  const forbidden = domains.filter((other) => other !== domain && !allowed.has(other))
  const outside = `^(\\.\\./)+(${domains.join('|')}|shell|node\\.ts|src-renderer|test|build)(/|$)`
  return {
    files: [`src-main/${domain}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'electron', message: 'Only src-main/shell imports electron.' }],
          patterns: [
            {
              regex: `^#(${[...forbidden, 'shell', 'test'].join('|')})/`,
              message: `${domain}/ may import only: ${[...allowed].join(', ') || 'nothing of ours'} (ARCHITECTURE.md).`
            },
            {
              regex: '^#node$',
              message: 'Only the entries and shell/ import the composition root.'
            },
            {
              regex: outside,
              message: 'Name another domain by #domain/, never by a relative path.'
            }
          ]
        }
      ]
    }
  }
}

/** What the plain scripts use of Node's globals: they are linted without types. */
const nodeGlobals = {
  process: 'readonly',
  console: 'readonly',
  URL: 'readonly',
  fetch: 'readonly',
  AbortSignal: 'readonly',
  setInterval: 'readonly'
} as const

export default defineConfig(
  globalIgnores([
    'out',
    'node_modules',
    'test-results',
    'playwright-report',
    'build/embedded-model'
  ]),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error'
    }
  },
  ...domains.map(domainRule),
  {
    // The composition root and the command line may import every domain, and run without Electron.
    files: ['src-main/*.ts', 'src-main/{node,cli}/**/*.ts'],
    ignores: ['src-main/{index,preload}.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'electron', message: 'Only src-main/shell imports electron.' }],
          patterns: [{ regex: '^#(shell|test)/', message: 'This runs without Electron and tests.' }]
        }
      ]
    }
  },
  {
    files: ['src-renderer/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^#(?!contract/)', message: 'The renderer imports only #contract/.' },
            { regex: '^node:', message: 'The renderer has no Node.' },
            { regex: '^(\\.\\./)+src-main', message: 'The renderer imports only #contract/.' }
          ]
        }
      ]
    }
  },
  {
    files: ['build/**/*.mjs', '.ci/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: nodeGlobals }
  }
)
