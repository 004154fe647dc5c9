/** y[token] = the sum over ranks, best expert first, of weight * part (+ residual). */
import { parallel } from "./control";
import { argumentsAddress } from "./places";
import { Task } from "./task";

@unmanaged
class CombineJob {
  parts: usize;
  weights: usize;
  residual: usize;
  out: usize;
  ranks: i32;
  width: i32;
}
const job = changetype<CombineJob>(argumentsAddress);

/**
 * @param parts [tokens * ranks, width]
 * @param weights [tokens * ranks]
 * @param residual [tokens, width]; 0 for none
 */
export function combine(
  parts: usize,
  weights: usize,
  residual: usize,
  out: usize,
  tokens: i32,
  ranks: i32,
  width: i32,
): void {
  job.parts = parts;
  job.weights = weights;
  job.residual = residual;
  job.out = out;
  job.ranks = ranks;
  job.width = width;
  parallel(Task.combine, tokens);
}

export function combineTask(token: i32): void {
  const ranks = job.ranks;
  const bytes = <usize>job.width << 2;
  const parts = job.parts + <usize>(token * ranks) * bytes;
  const weights = job.weights + (<usize>(token * ranks) << 2);
  const row = <usize>token * bytes;
  const whole = <usize>(job.width & ~3) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    let sum = f32x4.splat(0);
    for (let rank = 0; rank < ranks; rank++) {
      const weight = v128.load_splat<f32>(weights + (<usize>rank << 2));
      sum = f32x4.add(sum, f32x4.mul(weight, v128.load(parts + <usize>rank * bytes + at)));
    }
    if (job.residual != 0) sum = f32x4.add(sum, v128.load(job.residual + row + at));
    v128.store(job.out + row + at, sum);
  }
  for (let at = whole; at < bytes; at += 4) {
    let sum: f32 = 0;
    for (let rank = 0; rank < ranks; rank++)
      sum += load<f32>(weights + (<usize>rank << 2)) * load<f32>(parts + <usize>rank * bytes + at);
    if (job.residual != 0) sum += load<f32>(job.residual + row + at);
    store<f32>(job.out + row + at, sum);
  }
}
