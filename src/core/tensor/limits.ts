/** The limits of a backend, and tensors that exceed them. */
import { type DType, dtypeInfo } from "./dtype.ts";

export interface BackendLimits {
  /** Maximum bytes of a weight in one piece. */
  readonly maxBindingBytes: number;
  /** Whether weights of f16 and bf16 keep their type in memory; else they are f32. Quantized weights always keep theirs. */
  readonly keepsStoredTypes: boolean;
  /** Maximum spans, and maximum head requests, of one pass. */
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
  /** Maximum bytes of one piece. */
  readonly limitBytes: number;
  /** Whether its bytes are proportional to the positions of the K/V pool, to the tokens of a pass, or to neither. */
  readonly growsWith: "positions" | "tokens" | "no";
}
