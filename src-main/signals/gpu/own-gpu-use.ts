/** What Skein knows of its own use of GPUs, where a driver tells of all programs together. */
export interface OwnGpuUse {
  /** Processes of ours that compute. */
  processIds(): readonly number[]
  /** Share of the time, 0 to 1, in which we computed lately. */
  share(): number
  /** Bytes that our weights and caches take of GPUs. */
  bytes(): number
}
