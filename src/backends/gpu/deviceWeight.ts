/** A weight as it lies on the device: in one piece, or cut into shards. */
import type { DType } from "../../core/tensor/index.ts";
import type { Binding } from "./kernel.ts";

export interface Shard extends Binding {
  /** Rows [first, last) of the weight; experts of a stacked one. */
  readonly first: number;
  readonly last: number;
}
export interface DeviceWeight {
  readonly dtype: DType;
  /** Packs of four elements a row; 0 for vectors. */
  readonly stride: number;
  readonly shards: readonly Shard[];
}
