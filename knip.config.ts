import type { KnipConfig } from 'knip'

export default {
  entry: [
    'src-main/{index,headless,preload,engine-process,template-worker,cli}.ts',
    'src-renderer/main.tsx',
    'build/**/*.{ts,mjs}',
    'test/**/*.test.ts',
    'test/ui/**/*.spec.ts',
    'test/bench/run.ts'
  ],
  project: [
    'src-main/**/*.ts',
    'src-renderer/**/*.{ts,tsx}',
    'test/**/*.ts',
    'build/**/*.{ts,mjs}'
  ],
  ignore: ['build/embedded-model/**'],
  // Fixed by the brief and used by packaging, which later work adds.
  ignoreDependencies: ['electron-builder', 'electron-updater']
} satisfies KnipConfig
