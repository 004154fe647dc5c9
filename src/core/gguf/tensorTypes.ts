/** Element types of tensors in GGUF files, by their numbers in ggml. */
import type { DType } from "../tensor/dtype.ts";

const dtypes: ReadonlyMap<number, DType> = new Map([
  [0, "f32"],
  [1, "f16"],
  [2, "q4_0"],
  [8, "q8_0"],
  [12, "q4_k"],
  [14, "q6_k"],
  [30, "bf16"],
]);

/** Names of types that cannot be read, for errors. */
const otherNames: Readonly<Record<number, string>> = {
  3: "Q4_1",
  6: "Q5_0",
  7: "Q5_1",
  9: "Q8_1",
  10: "Q2_K",
  11: "Q3_K",
  13: "Q5_K",
  15: "Q8_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  24: "I8",
  25: "I16",
  26: "I32",
  27: "I64",
  28: "F64",
  29: "IQ1_M",
  34: "TQ1_0",
  35: "TQ2_0",
  39: "MXFP4",
};

/** Undefined for a type that cannot be read. */
export function dtypeOf(type: number): DType | undefined {
  return dtypes.get(type);
}

export function typeName(type: number): string {
  return dtypes.get(type)?.toUpperCase() ?? otherNames[type] ?? `type ${type}`;
}

/** The number of a type of weights. Undefined for other types. */
export function typeNumber(dtype: DType): number | undefined {
  return [...dtypes].find(([, each]) => each === dtype)?.[0];
}
