/**
 * The tensor types that llama.cpp v0.4.0 knows. A row of a tensor is a whole number of blocks; a block holds
 * `blockValues` values in `blockBytes` bytes.
 */
export interface TensorType {
  readonly id: number
  readonly name: string
  readonly blockValues: number
  readonly blockBytes: number
  /** Whether llama.cpp can multiply by a matrix of this type; the others are helpers that no model file holds. */
  readonly isForWeights: boolean
}

function weights(id: number, name: string, blockValues: number, blockBytes: number): TensorType {
  return { id, name, blockValues, blockBytes, isForWeights: true }
}

function helper(id: number, name: string, blockValues: number, blockBytes: number): TensorType {
  return { id, name, blockValues, blockBytes, isForWeights: false }
}

const types = {
  F32: weights(0, 'F32', 1, 4),
  F16: weights(1, 'F16', 1, 2),
  Q4_0: weights(2, 'Q4_0', 32, 18),
  Q4_1: weights(3, 'Q4_1', 32, 20),
  Q5_0: weights(6, 'Q5_0', 32, 22),
  Q5_1: weights(7, 'Q5_1', 32, 24),
  Q8_0: weights(8, 'Q8_0', 32, 34),
  Q8_1: helper(9, 'Q8_1', 32, 36),
  Q2_K: weights(10, 'Q2_K', 256, 84),
  Q3_K: weights(11, 'Q3_K', 256, 110),
  Q4_K: weights(12, 'Q4_K', 256, 144),
  Q5_K: weights(13, 'Q5_K', 256, 176),
  Q6_K: weights(14, 'Q6_K', 256, 210),
  Q8_K: helper(15, 'Q8_K', 256, 292),
  IQ2_XXS: weights(16, 'IQ2_XXS', 256, 66),
  IQ2_XS: weights(17, 'IQ2_XS', 256, 74),
  IQ3_XXS: weights(18, 'IQ3_XXS', 256, 98),
  IQ1_S: weights(19, 'IQ1_S', 256, 50),
  IQ4_NL: weights(20, 'IQ4_NL', 32, 18),
  IQ3_S: weights(21, 'IQ3_S', 256, 110),
  IQ2_S: weights(22, 'IQ2_S', 256, 82),
  IQ4_XS: weights(23, 'IQ4_XS', 256, 136),
  I8: helper(24, 'I8', 1, 1),
  I16: helper(25, 'I16', 1, 2),
  I32: helper(26, 'I32', 1, 4),
  I64: helper(27, 'I64', 1, 8),
  F64: helper(28, 'F64', 1, 8),
  IQ1_M: weights(29, 'IQ1_M', 256, 56),
  BF16: weights(30, 'BF16', 1, 2),
  TQ1_0: weights(34, 'TQ1_0', 256, 54),
  TQ2_0: weights(35, 'TQ2_0', 256, 66),
  MXFP4: weights(39, 'MXFP4', 32, 17),
  NVFP4: weights(40, 'NVFP4', 64, 36),
  Q1_0: weights(41, 'Q1_0', 128, 18),
  Q2_0: weights(42, 'Q2_0', 64, 18)
} as const satisfies Record<string, TensorType>

export const tensorTypes: Readonly<Record<keyof typeof types, TensorType>> = types

const typesById = new Map(Object.values(types).map((type) => [type.id, type]))

/** `undefined` for a type that this version of llama.cpp does not load. */
export function tensorTypeOf(id: number): TensorType | undefined {
  return typesById.get(id)
}
