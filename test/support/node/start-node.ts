import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { createNode, type NodeOptions, type SkeinNode } from '#node'
import { appPathsFrom } from '../../../src-main/app-paths.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const paths = appPathsFrom(new URL('../../../src-main/node.ts', import.meta.url).href)

/** A real node with the embedded model, its server on a free port, its data in a folder that goes with the test. */
export async function startNode(options: Partial<NodeOptions> = {}): Promise<SkeinNode> {
  const node = await create({ homeFolder: temporaryFolder(), ...options })
  onTestFinished(() => node.close())
  return node
}

/** One such node for all tests of a file. */
export function useNode(): () => SkeinNode {
  const homeFolder = mkdtempSync(path.join(tmpdir(), 'skein-test-'))
  let node: SkeinNode | undefined
  beforeAll(async () => {
    node = await create({ homeFolder })
  })
  afterAll(async () => {
    await node?.close()
    rmSync(homeFolder, { recursive: true, force: true })
  })
  return () => {
    if (node === undefined) throw new Error('the node is not there yet')
    return node
  }
}

function create(options: Partial<NodeOptions> & { homeFolder: string }): Promise<SkeinNode> {
  return createNode({
    entries: paths.entries,
    modelFiles: [paths.embeddedModelFile],
    // What the computer of a test does must not decide whether it passes.
    isGuest: false,
    api: { pageFolder: paths.pageFolder, port: 0 },
    ...options
  })
}
