/** Rows of a matrix of weights in f32. */
import { parallel } from "./control";
import { readWeightRow } from "./packedWeight";
import { argumentsAddress } from "./places";
import { Task } from "./task";

@unmanaged
class EmbedJob {
  dtype: i32;
  weight: usize;
  columns: i32;
  rows: usize;
  out: usize;
}
const job = changetype<EmbedJob>(argumentsAddress);

/** @param rows `count` row numbers */
export function embed(dtype: i32, weight: usize, columns: i32, rows: usize, count: i32, out: usize): void {
  job.dtype = dtype;
  job.weight = weight;
  job.columns = columns;
  job.rows = rows;
  job.out = out;
  parallel(Task.embed, count);
}

export function embedTask(index: i32): void {
  const row = load<i32>(job.rows + (<usize>index << 2));
  const out = job.out + ((<usize>index * <usize>job.columns) << 2);
  readWeightRow(job.dtype, job.weight, job.columns, row, out);
}
