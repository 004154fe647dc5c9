/** Statistics of rows of logits. Sums are of f32 terms, added in f64. */
import { parallel } from "./control";
import { exp } from "./math";
import { argumentsAddress } from "./places";
import { Task } from "./task";

@unmanaged
class StatisticsJob {
  logits: usize;
  vocabulary: i32;
  heats: usize;
  out: usize;
}
const job = changetype<StatisticsJob>(argumentsAddress);

/** The statistics of a row, as the host reads them. */
@unmanaged
class RowStatistics {
  /** The sum of exp((logit - best logit) / heat), and the same with each term times its exponent. */
  total: f64;
  weighted: f64;
  /** The token with the highest logit, the lowest among equal ones; negative if a logit is not finite, or none is. */
  best: i32;
  bestLogit: f32;
  /** The second-highest logit; minus infinity if there is none. */
  second: f32;
}

/**
 * @param logits [rows, vocabulary]; excluded tokens have minus infinity
 * @param heats [rows]: the temperature of the distribution whose probabilities are summed
 * @param out [rows], 32 bytes each
 */
export function statistics(logits: usize, rows: i32, vocabulary: i32, heats: usize, out: usize): void {
  job.logits = logits;
  job.vocabulary = vocabulary;
  job.heats = heats;
  job.out = out;
  parallel(Task.statistics, rows);
}

export function statisticsTask(row: i32): void {
  const count = job.vocabulary;
  const logits = job.logits + ((<usize>row * <usize>count) << 2);
  const out = changetype<RowStatistics>(job.out + (<usize>row << 5));
  findBest(logits, count, out);
  if (out.best >= 0) sum(logits, count, load<f32>(job.heats + (<usize>row << 2)), out);
}

/** Each lane keeps its best, where it was first seen, and its second. */
function findBest(logits: usize, count: i32, out: RowStatistics): void {
  const none = f32x4.splat(-Infinity);
  let first = none;
  let second = none;
  let token = i32x4.splat(-1);
  let tokens = i32x4(0, 1, 2, 3);
  // Stays 0 as long as no value is NaN or plus infinity.
  let bad = i32x4.splat(0);
  const whole = <usize>(count & ~3) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    const value = v128.load(logits + at);
    bad = v128.or(bad, v128.not(f32x4.lt(value, f32x4.splat(Infinity))));
    const higher = f32x4.gt(value, first);
    second = f32x4.pmax(second, f32x4.pmin(value, first));
    first = v128.bitselect(value, first, higher);
    token = v128.bitselect(tokens, token, higher);
    tokens = i32x4.add(tokens, i32x4.splat(4));
  }
  let best = -1;
  let bestLogit: f32 = -Infinity;
  let next: f32 = -Infinity;
  for (let lane = 0; lane < 4; lane++) {
    const value = f32x4.extract_lane(first, 0);
    const at = i32x4.extract_lane(token, 0);
    next = max(next, f32x4.extract_lane(second, 0));
    if (value > bestLogit || (value == bestLogit && at >= 0 && at < best)) {
      next = max(next, bestLogit);
      bestLogit = value;
      best = at;
    } else next = max(next, value);
    first = v128.shuffle<i32>(first, first, 1, 2, 3, 0);
    second = v128.shuffle<i32>(second, second, 1, 2, 3, 0);
    token = v128.shuffle<i32>(token, token, 1, 2, 3, 0);
  }
  let finite = !v128.any_true(bad);
  for (let n = count & ~3; n < count; n++) {
    const value = load<f32>(logits + (<usize>n << 2));
    if (!(value < Infinity)) finite = false;
    if (value > bestLogit) {
      next = bestLogit;
      bestLogit = value;
      best = n;
    } else next = max(next, value);
  }
  out.best = finite ? best : -1;
  out.bestLogit = bestLogit;
  out.second = next;
}

function sum(logits: usize, count: i32, heat: f32, out: RowStatistics): void {
  const best = f32x4.splat(out.bestLogit);
  const heats = f32x4.splat(heat);
  // The exponent of a term that is nothing beside the best one's; it also stands for minus infinity.
  const floor = f32x4.splat(-87);
  let total = f64x2.splat(0);
  let weighted = total;
  const whole = <usize>(count & ~3) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    const below = f32x4.pmax(f32x4.div(f32x4.sub(v128.load(logits + at), best), heats), floor);
    const weight = exp(below);
    const product = f32x4.mul(weight, below);
    total = f64x2.add(total, f64x2.add(f64x2.promote_low_f32x4(weight), upper(weight)));
    weighted = f64x2.add(weighted, f64x2.add(f64x2.promote_low_f32x4(product), upper(product)));
  }
  out.total = f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
  out.weighted = f64x2.extract_lane(weighted, 0) + f64x2.extract_lane(weighted, 1);
  for (let at = whole; at < <usize>count << 2; at += 4) {
    const below = max((load<f32>(logits + at) - out.bestLogit) / heat, <f32>-87);
    const weight = f32x4.extract_lane(exp(f32x4.splat(below)), 0);
    out.total += <f64>weight;
    out.weighted += <f64>(weight * below);
  }
}

@inline
function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}
