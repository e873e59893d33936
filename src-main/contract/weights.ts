import { z } from 'zod'
import { adapterInfoSchema } from './adapter.ts'
import { errorCodeSchema } from './errors.ts'
import { modelInfoSchema, modelKeySchema } from './model.ts'
import { peerKeySchema } from './peer.ts'

/**
 * `whole`: every byte is here. `partial`: some layers are. `file-missing`, `file-changed`: the file that was added is gone, or is not
 * the one that was read; nothing of it is used or shared.
 */
const modelStates = ['whole', 'partial', 'file-missing', 'file-changed'] as const

/** A model as this computer keeps it. */
const storedModelSchema = z.object({
  info: modelInfoSchema,
  fileName: z.string(),
  /** The file that holds the bytes, where it is not the store itself. */
  path: z.string().optional(),
  /** ISO 8601, in UTC. */
  addedAt: z.string(),
  state: z.enum(modelStates),
  /** Whether peers may have it, once the person agreed to share at all. */
  seeding: z.boolean()
})
export type StoredModel = Readonly<z.infer<typeof storedModelSchema>>

/** An adapter as this computer keeps it, and the model that it was added to. */
const storedAdapterSchema = storedModelSchema.extend({
  info: adapterInfoSchema,
  base: modelKeySchema
})
export type StoredAdapter = Readonly<z.infer<typeof storedAdapterSchema>>

/** Whatever has a key of its own. */
export const storedFileSchema = z.union([storedAdapterSchema, storedModelSchema])
export type StoredFile = StoredModel | StoredAdapter

export function isStoredAdapter(file: StoredFile): file is StoredAdapter {
  return 'base' in file
}

/** Of one file or model, in bytes. */
export const byteProgressSchema = z.object({
  doneBytes: z.number().nonnegative(),
  totalBytes: z.number().nonnegative()
})
export type ByteProgress = Readonly<z.infer<typeof byteProgressSchema>>

/** `checking`: what was read before an interruption is taken up again. `building`: the file is read; its tree is written. */
const importPhases = ['downloading', 'checking', 'reading', 'building'] as const
export type ImportPhase = (typeof importPhases)[number]

export const importProgressSchema = byteProgressSchema.extend({
  phase: z.enum(importPhases),
  /** Absent until measured. */
  bytesPerSecond: z.number().nonnegative().optional()
})
export type ImportProgress = Readonly<z.infer<typeof importProgressSchema>>

/** Bytes of weights exchanged with peers. */
const exchangedBytesSchema = z.object({
  uploadedBytes: z.number().nonnegative(),
  downloadedBytes: z.number().nonnegative()
})
export type ExchangedBytes = Readonly<z.infer<typeof exchangedBytesSchema>>

export const monthlyUsageSchema = exchangedBytesSchema.extend({
  /** `2026-11`, in UTC. */
  month: z.string()
})
export type MonthlyUsage = Readonly<z.infer<typeof monthlyUsageSchema>>

/** Blocks of 64 KiB. Damaged ones are not offered to peers any more, and can be fetched again. */
export const verifyReportSchema = z.object({
  checkedBlocks: z.int().nonnegative(),
  damagedBlocks: z.int().nonnegative()
})
export type VerifyReport = Readonly<z.infer<typeof verifyReportSchema>>

const fetchPeerSchema = z.object({
  peer: peerKeySchema,
  bytes: z.number().nonnegative(),
  bytesPerSecond: z.number().nonnegative().optional()
})
export type FetchPeer = Readonly<z.infer<typeof fetchPeerSchema>>

/**
 * `searching`: nobody who is online now has what is missing; it goes on by itself when somebody comes. `paused`: for a reason
 * on this computer, which `pausedBy` names.
 */
const fetchStates = ['searching', 'fetching', 'paused'] as const

export const fetchProgressSchema = byteProgressSchema.extend({
  state: z.enum(fetchStates),
  pausedBy: errorCodeSchema.optional(),
  /** Absent until measured. */
  bytesPerSecond: z.number().nonnegative().optional(),
  secondsLeft: z.number().nonnegative().optional(),
  /** Who gave something to this fetch, or is asked now. */
  peers: z.array(fetchPeerSchema).readonly()
})
export type FetchProgress = Readonly<z.infer<typeof fetchProgressSchema>>
