/** The limits of a backend, and the tensors and buffers that exceed them. */
import { type DType, quantizedDTypes } from "./dtype.ts";

export interface BackendLimits {
  /** Maximum bytes of one buffer binding; a larger weight is divided into shards. */
  readonly maxBindingBytes: number;
  /** The types in which matrices stay in memory; one of another type becomes f32. */
  readonly residentDTypes: readonly DType[];
  /** Maximum spans of a pass, and maximum head requests of a pass. */
  readonly maxSpans: number;
}

/** `residentDTypes` of a backend that computes in f32, and unpacks quantized weights on the way. */
export const f32OrQuantized: readonly DType[] = ["f32", ...quantizedDTypes];

/** The type that a matrix with the stored type `dtype` has in a backend's memory. */
export function residentDType(
  dtype: DType,
  { residentDTypes }: Pick<BackendLimits, "residentDTypes">,
): DType {
  return residentDTypes.includes(dtype) ? dtype : "f32";
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
