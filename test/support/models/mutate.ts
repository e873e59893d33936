import { Random } from './random.ts'

const interestingNumbers = [
  0n,
  1n,
  2n,
  3n,
  8n,
  9n,
  31n,
  32n,
  255n,
  256n,
  1024n,
  65_535n,
  65_536n,
  2n ** 20n,
  2n ** 22n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n
]

type Mutation = (bytes: Buffer, random: Random) => Buffer

const flipBit: Mutation = (bytes, random) => {
  const at = random.below(bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
  return bytes
}

const setByte: Mutation = (bytes, random) => {
  bytes[random.below(bytes.length)] = random.below(256)
  return bytes
}

/** Counts, lengths and offsets are 64-bit: put a nasty one anywhere. */
const setNumber: Mutation = (bytes, random) => {
  const number = interestingNumbers[random.below(interestingNumbers.length)] ?? 0n
  if (bytes.length >= 8) bytes.writeBigUInt64LE(number, random.below(bytes.length - 7))
  return bytes
}

/** The counts of tensors and metadata, a little off or far off. */
const setCount: Mutation = (bytes, random) => {
  const at = random.below(2) === 0 ? 8 : 16
  if (bytes.length < at + 8) return bytes
  const count = bytes.readBigUInt64LE(at)
  const nearby = BigInt.asUintN(64, count + BigInt(random.below(7)) - 3n)
  const number = interestingNumbers[random.below(interestingNumbers.length)] ?? 0n
  bytes.writeBigUInt64LE(random.below(2) === 0 ? nearby : number, at)
  return bytes
}

const addToNumber: Mutation = (bytes, random) => {
  if (bytes.length < 4) return bytes
  const at = random.below(bytes.length - 3)
  bytes.writeUInt32LE((bytes.readUInt32LE(at) + random.below(65) - 32) >>> 0, at)
  return bytes
}

const truncate: Mutation = (bytes, random) => bytes.subarray(0, 1 + random.below(bytes.length))

const removePart: Mutation = (bytes, random) => {
  const from = random.below(bytes.length)
  return Buffer.concat([
    bytes.subarray(0, from),
    bytes.subarray(from + 1 + random.below(64)),
    Buffer.alloc(1)
  ])
}

/** Repeats a part of the file somewhere else: entries that stand twice, strings in place of numbers. */
const splice: Mutation = (bytes, random) => {
  const from = random.below(bytes.length)
  const part = bytes.subarray(from, from + 1 + random.below(128))
  const at = random.below(bytes.length)
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)])
}

const mutations = [flipBit, setByte, setNumber, setCount, addToNumber, truncate, removePart, splice]

/** A damaged copy of `bytes`: one to four mutations, the same for the same seed. */
export function mutate(bytes: Buffer, seed: number): Buffer {
  const random = new Random(seed)
  let mutated: Buffer = Buffer.from(bytes)
  for (let count = 1 + random.below(4); count > 0; count--) {
    const mutation = mutations[random.below(mutations.length)] ?? flipBit
    mutated = mutation(mutated, random)
  }
  return mutated
}

const inPlace = [flipBit, setByte, addToNumber, setNumber]

/** A damaged copy in which everything keeps its place, so that most of it still makes sense: one mutation. */
export function mutateInPlace(bytes: Buffer, seed: number): Buffer {
  const random = new Random(seed)
  const mutation = inPlace[random.below(inPlace.length)] ?? flipBit
  return mutation(Buffer.from(bytes), random)
}
