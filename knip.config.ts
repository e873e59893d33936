import type { KnipConfig } from 'knip'

export default {
  entry: [
    'src-main/{index,headless,preload,engine-process,template-worker,cli}.ts',
    // Forked by its address.
    'src-main/cli/swarm-peer.ts',
    'electron.config.ts',
    'src-renderer/main.tsx',
    'build/**/*.{ts,mjs}',
    'test/**/*.test.ts',
    'test/ui/**/*.spec.ts'
  ],
  project: [
    'src-main/**/*.ts',
    'src-renderer/**/*.{ts,tsx}',
    'test/**/*.ts',
    'build/**/*.{ts,mjs}'
  ],
  // The first two are for packaging, which later work adds; the third is imported by a style sheet.
  ignoreDependencies: ['electron-builder', 'electron-updater', 'tailwindcss']
} satisfies KnipConfig
