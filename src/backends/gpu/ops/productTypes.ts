/** The products of ops, before a kernel is chosen. */
import type { NodeOf, TensorId } from "../../../core/tensor/index.ts";
import type { DeviceWeight } from "../deviceWeight.ts";
import type { Binding } from "../kernel.ts";

/** The product of all tokens' rows with a matrix. */
export interface MatrixProduct {
  readonly name: string;
  readonly weight: DeviceWeight;
  readonly x: Binding;
  readonly y: Binding;
  /** Columns of x and of y. */
  readonly inFeatures: number;
  readonly width: number;
  readonly bias?: Binding | undefined;
  readonly residual?: Binding | undefined;
  /** Computes silu(gate) * up: the weight has twice as many rows as y has columns. */
  readonly gated?: boolean;
  /** Computes wanted rows [first, limit) instead of the pass's tokens. Their sums are not split, as those of the head are not. */
  readonly ofHead?: { readonly first: number; readonly limit: number };
}

/** A product of routed rows with their experts' weights. */
export interface ExpertProduct {
  readonly name: string;
  readonly attributes: NodeOf<"expertsUp">["attributes"];
  readonly topkIds: TensorId;
  readonly weight: DeviceWeight;
  readonly x: Binding;
  readonly y: Binding;
  readonly inFeatures: number;
  readonly width: number;
  readonly up: boolean;
}
