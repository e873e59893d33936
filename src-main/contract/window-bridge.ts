/** All that a window's page can reach of the main process: frames of the control channel, out and in. */
export interface WindowBridge {
  send(frame: unknown): void
  /** One listener; a page has one control client. */
  listen(listener: (frame: unknown) => void): void
}
