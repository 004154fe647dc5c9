/** The limits of a backend, and the tensors and buffers that exceed them. */
import { type DType, dtypeInfo } from "./dtype.ts";

export interface BackendLimits {
  /** Maximum bytes of one buffer binding; a larger weight is divided into shards. */
  readonly maxBindingBytes: number;
  /** Whether f16 and bf16 weights keep their type in memory, instead of becoming f32. Quantized weights always keep theirs. */
  readonly keepsStoredTypes: boolean;
  /** Maximum spans of a pass, and maximum head requests of a pass. */
  readonly maxSpans: number;
}

/** The type that a matrix with the stored type `dtype` has in a backend's memory. */
export function residentDType(
  dtype: DType,
  { keepsStoredTypes }: Pick<BackendLimits, "keepsStoredTypes">,
): DType {
  return keepsStoredTypes || dtypeInfo(dtype).blockElements > 1 ? dtype : "f32";
}

/** A tensor or buffer that exceeds a limit of the device. */
export interface LimitExceeded {
  /** The name of the tensor or buffer. */
  readonly what: string;
  readonly bytes: number;
  /** The device's limit for one buffer or binding. */
  readonly limitBytes: number;
  /** Whether `bytes` is proportional to the positions of the K/V pool, to the tokens of a pass, or to neither (`no`). */
  readonly growsWith: "positions" | "tokens" | "no";
}
