import { useEffect, useState } from 'react'
import type { ControlClient } from '#contract/control-client.ts'
import type { NodeStatus } from '#contract/status.ts'

/** What the node last said of itself; stays while the connection is lost. */
export function useStatus(client: ControlClient | undefined): NodeStatus | undefined {
  const [status, setStatus] = useState<NodeStatus>()
  useEffect(() => {
    if (client === undefined) return
    const leaving = new AbortController()
    void watch(client, leaving.signal, setStatus)
    return () => leaving.abort()
  }, [client])
  return status
}

async function watch(
  client: ControlClient,
  signal: AbortSignal,
  onStatus: (status: NodeStatus) => void
): Promise<void> {
  try {
    for await (const status of client.stream('status.watch', {}, signal)) onStatus(status)
  } catch {
    // The connection says so itself; the next one watches again.
  }
}
