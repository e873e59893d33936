import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the parts of Skein lie, seen from an entry: run from its sources, or built. */
export interface AppPaths {
  /** The small model that comes with Skein. */
  readonly embeddedModelFile: string
  /** The built page. */
  readonly pageFolder: string
  readonly preloadFile: string
  /** What the node starts beside itself. */
  readonly entries: {
    readonly engine: URL
    readonly templateWorker: URL
  }
}

/** `entry`: the `import.meta.url` of a file in `src-main/` or `out/main/`. */
export function appPathsFrom(entry: string): AppPaths {
  const extension = path.extname(new URL(entry).pathname)
  const root = new URL(extension === '.ts' ? '..' : '../..', entry)
  const inRoot = (name: string): string => fileURLToPath(new URL(name, root))
  return {
    embeddedModelFile: inRoot('resources/models/skein-tiny-q8_0.gguf'),
    pageFolder: inRoot('out/renderer'),
    preloadFile: inRoot('out/preload/preload.cjs'),
    entries: {
      engine: new URL(`./engine-process${extension}`, entry),
      templateWorker: new URL(`./template-worker${extension}`, entry)
    }
  }
}
