/** The arguments of an attention, and the sizes of its parts. */
import { argumentsAddress } from "./places";

/** Keys of a chunk: eight panels. */
export const chunk: i32 = 64;
/** Bytes of the sums of a tile: four rows by eight columns. */
export const tileBytes: usize = 128;
/** A score below all others: minus infinity would make NaN of differences. */
export const lowest: f32 = -3.0e38;

@unmanaged
export class AttentionJob {
  query: usize;
  keys: usize;
  values: usize;
  cacheDType: i32;
  heads: i32;
  kvHeads: i32;
  width: i32;
  scale: f32;
  tasks: usize;
  visible: usize;
  hidden: usize;
  out: usize;
}
export const job = changetype<AttentionJob>(argumentsAddress);
