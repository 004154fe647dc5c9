/** Limits of a backend, and what exceeds them. */
import { type DType, dtypeInfo } from "./dtype.ts";

export interface BackendLimits {
  /** The most bytes that one weight may have. */
  readonly maxBindingBytes: number;
  /** Whether weights of f16 and bf16 keep their type in memory; else they are f32. Quantized weights always keep theirs. */
  readonly keepsStoredTypes: boolean;
  /** The most spans, and the most head requests, that one step may hold. */
  readonly maxSpans: number;
}

/** The type in which a backend holds a matrix of this type. */
export function residentDType(
  dtype: DType,
  { keepsStoredTypes }: Pick<BackendLimits, "keepsStoredTypes">,
): DType {
  return keepsStoredTypes || dtypeInfo(dtype).blockElements > 1 ? dtype : "f32";
}

/** Something that a device cannot hold in one piece. */
export interface LimitExceeded {
  /** A tensor or buffer by name. */
  readonly what: string;
  readonly bytes: number;
  /** The most that one piece may have. */
  readonly limitBytes: number;
  /** What its bytes grow with: positions of the K/V pool, tokens of a pass, or neither. */
  readonly growsWith: "positions" | "tokens" | "no";
}
