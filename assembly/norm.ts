/** RMS norm of rows. */
import { parallel } from "./control";
import { normRow } from "./math";
import { argumentsAddress } from "./places";
import { Task } from "./task";

@unmanaged
class NormJob {
  x: usize;
  weight: usize;
  out: usize;
  width: i32;
  epsilon: f64;
}
const job = changetype<NormJob>(argumentsAddress);

export function norm(x: usize, weight: usize, out: usize, rows: i32, width: i32, epsilon: f64): void {
  job.x = x;
  job.weight = weight;
  job.out = out;
  job.width = width;
  job.epsilon = epsilon;
  parallel(Task.norm, rows);
}

export function normTask(row: i32): void {
  const at = (<usize>row * <usize>job.width) << 2;
  normRow(job.x + at, job.weight, job.out + at, job.width, job.epsilon);
}
