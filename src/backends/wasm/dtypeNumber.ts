import { bug } from "../../core/error.ts";
import type { DType } from "../../core/tensor/index.ts";

/** The order of assembly/dtype.ts. */
const numbered: readonly DType[] = ["f32", "f16", "bf16", "q8_0"];

/** The type in which a matrix is kept: its own, or f32 where the kernels do not read its own. */
export function keptDType(dtype: DType): DType {
  return numbered.includes(dtype) ? dtype : "f32";
}

/** The number of a type in the kernels. */
export function dtypeNumber(dtype: DType): number {
  const number = numbered.indexOf(dtype);
  if (number < 0) throw bug(`The kernels have no type ${dtype}`);
  return number;
}
