import type { ReactNode } from 'react'
import type { ModelInfo } from '#contract/model.ts'
import type { NodeStatus } from '#contract/status.ts'
import type { ConnectionState } from '../../lib/connection.ts'
import { texts } from '../../lib/texts.ts'

interface StatusLineProps {
  readonly connection: ConnectionState
  readonly status: NodeStatus | undefined
  /** The one that is asked. */
  readonly model: ModelInfo | undefined
}

/** One line of truth: where answers are made, and what this PC gives. */
export function StatusLine({ connection, status, model }: StatusLineProps): ReactNode {
  const isOpen = connection.kind === 'open'
  return (
    <p
      role="status"
      data-testid="status"
      className="text-muted flex min-h-6 flex-wrap items-center justify-center gap-x-2 px-4 pt-2 pb-3 text-center text-xs leading-6"
    >
      <span
        aria-hidden="true"
        className={`size-2 rounded-full ${isOpen ? 'bg-thread' : 'bg-alert breathing'}`}
      />
      {isOpen
        ? status === undefined
          ? texts.connection.connecting
          : describe(status, model)
        : texts.connection[connection.kind]}
    </p>
  )
}

function describe(status: NodeStatus, model: ModelInfo | undefined): string {
  const where =
    status.connectedPeers === 0 ? texts.status.thisPc : texts.status.peers(status.connectedPeers)
  return [
    where,
    model?.name ?? '',
    status.lending ? (status.guest?.sentence ?? texts.status.lendingOn) : texts.status.lendingOff
  ].join(' · ')
}
