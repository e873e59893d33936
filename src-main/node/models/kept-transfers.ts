import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { z } from 'zod'
import type { Logger } from '#contract/log.ts'
import { keptTransfersSchema } from '#contract/transfers.ts'
import { writeFileWhole } from '#settings/write-file.ts'

export type KeptTransfer = z.infer<typeof keptTransfersSchema>['transfers'][number]

/** The list of transfers on disk: what a node goes on with after a restart. A list that cannot be read or written costs a repeated command. */
export class KeptTransfers {
  readonly #file: string
  readonly #log: Logger | undefined

  /** `folder`: of the weights store, whose owner alone may change the list. */
  constructor(folder: string, log: Logger | undefined) {
    this.#file = path.join(folder, 'transfers.json')
    this.#log = log
  }

  read(): readonly KeptTransfer[] {
    if (!existsSync(this.#file)) return []
    try {
      return keptTransfersSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8'))).transfers
    } catch (thrown) {
      this.#log?.warn('the list of transfers cannot be read and is left out', {
        why: String(thrown)
      })
      return []
    }
  }

  write(transfers: readonly KeptTransfer[]): void {
    try {
      writeFileWhole(this.#file, `${JSON.stringify({ version: 1, transfers }, null, 2)}\n`)
    } catch (thrown) {
      this.#log?.warn('the list of transfers is not saved', { why: String(thrown) })
    }
  }
}
