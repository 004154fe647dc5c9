import { bug } from "../../core/error.ts";
import type { DType } from "../../core/tensor/index.ts";

/** The types that the kernels read, in the order of assembly/dtype.ts. */
export const kernelDTypes: readonly DType[] = ["f32", "f16", "bf16", "q8_0", "q4_0", "q4_k", "q6_k"];

/** The number of a type in the kernels. */
export function dtypeNumber(dtype: DType): number {
  const number = kernelDTypes.indexOf(dtype);
  if (number < 0) throw bug(`The kernels have no type ${dtype}`);
  return number;
}
