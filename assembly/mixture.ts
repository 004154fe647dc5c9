/** softmax(logits) * embedding. */
import { parallel, scratch } from "./control";
import { exp } from "./math";
import { readWeightRow } from "./packedWeight";
import { argumentsAddress } from "./places";
import { Task } from "./task";

@unmanaged
class MixtureJob {
  logits: usize;
  dtype: i32;
  embedding: usize;
  columns: i32;
  vocabulary: i32;
  rows: usize;
  out: usize;
}
const job = changetype<MixtureJob>(argumentsAddress);

/**
 * @param logits [count, vocabulary]; overwritten. Minus infinity leaves a token out
 * @param rows the row of `out` of each of them
 * @param out [.., columns]
 */
export function mixture(
  logits: usize,
  dtype: i32,
  embedding: usize,
  columns: i32,
  vocabulary: i32,
  rows: usize,
  count: i32,
  out: usize,
): void {
  job.logits = logits;
  job.dtype = dtype;
  job.embedding = embedding;
  job.columns = columns;
  job.vocabulary = vocabulary;
  job.rows = rows;
  job.out = out;
  parallel(Task.mixture, count);
}

export function mixtureTask(index: i32): void {
  const bytes = <usize>job.columns << 2;
  const sums = scratch;
  const row = sums + bytes;
  memory.fill(sums, 0, bytes);
  const weights = job.logits + ((<usize>index * <usize>job.vocabulary) << 2);
  const factor = <f32>(1 / weigh(weights, job.vocabulary));
  for (let token = 0; token < job.vocabulary; token++) {
    const weight = load<f32>(weights + (<usize>token << 2)) * factor;
    if (weight == 0) continue;
    readWeightRow(job.dtype, job.embedding, job.columns, token, row);
    for (let at: usize = 0; at < bytes; at += 4)
      store<f32>(sums + at, load<f32>(sums + at) + weight * load<f32>(row + at));
  }
  memory.copy(job.out + <usize>load<i32>(job.rows + (<usize>index << 2)) * bytes, sums, bytes);
}

/** Replaces logits by exp(logit - highest logit), and returns the sum. What is nothing beside the highest becomes 0. */
function weigh(logits: usize, count: i32): f64 {
  const end = logits + (<usize>count << 2);
  let highest: f32 = -Infinity;
  for (let at = logits; at < end; at += 4) highest = max(highest, load<f32>(at));
  let total: f64 = 0;
  for (let at = logits; at < end; at += 4) {
    const below = load<f32>(at) - highest;
    const weight: f32 = below < -87 ? 0 : f32x4.extract_lane(exp(f32x4.splat(below)), 0);
    store<f32>(at, weight);
    total += <f64>weight;
  }
  return total;
}
