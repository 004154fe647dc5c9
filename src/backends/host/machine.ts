/** What differs between the backends of the host's own processor: memory and kernels. */
import type {
  BackendLimits,
  LimitExceeded,
  ModelPlans,
  OpName,
  WeightEntry,
  WeightLoadOptions,
} from "../../core/tensor/index.ts";
import type { Kernel } from "./pass.ts";

/** A node of a Plan that is ready to run. */
export interface BoundNode {
  readonly op: OpName;
  readonly run: Kernel;
}

export interface PreparedPasses {
  /** The nodes of the body, then those of the head. */
  readonly nodes: readonly BoundNode[];
  /** The soft mixture of a row of the last pass, [hidden]; valid until the next pass. */
  mixture(row: number): Float32Array;
  /** The input embedding of a token, [hidden]; valid until the next call of a kernel. */
  embedding(token: number): Float32Array;
}

export interface Machine {
  readonly name: string;
  readonly device: string;
  readonly limits: BackendLimits;
  /** As `Backend.exceededLimits`. */
  exceededLimits?(plans: ModelPlans): readonly LimitExceeded[];
  /** As `Backend.load`. */
  load(entries: readonly WeightEntry[], plans: ModelPlans, options: WeightLoadOptions): Promise<void>;
  prepare(plans: ModelPlans): Promise<PreparedPasses>;
  /** Copies `count` positions of the K/V pool, in every layer. */
  copyPositions(from: number, to: number, count: number): void;
  /** A copy of a cache or boundary tensor. */
  read(name: string): Float32Array;
  dispose(): void;
}
