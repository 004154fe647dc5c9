/** Softmax of scores, a chunk at a time: weights are relative to the highest score so far. */
import { chunk, lowest, tileBytes } from "./attentionJob";
import { exp, maxOfLanes, sumOfLanes } from "./math";

/**
 * Scores of a row to weights relative to the highest score so far; rescales what was summed before.
 * @param scores of keys 8 p to 8 p + 7 at p * 128
 * @param seen keys of the chunk that the row sees; may be less than 0
 */
export function softmaxRow(scores: usize, seen: i32, highestAt: usize, totalAt: usize, sums: usize, panels: i32): void {
  const before = load<f32>(highestAt);
  const now = max(before, seen >= chunk ? highest(scores, seen, true) : highest(scores, seen, false));
  const total = seen >= chunk ? weigh(scores, now, seen, true) : weigh(scores, now, seen, false);
  if (now != before) {
    store<f32>(highestAt, now);
    const factor = exp(f32x4.splat(before - now));
    store<f32>(totalAt, load<f32>(totalAt) * f32x4.extract_lane(factor, 0));
    for (let panel = 0; panel < panels; panel++, sums += tileBytes) {
      v128.store(sums, f32x4.mul(v128.load(sums), factor));
      v128.store(sums, f32x4.mul(v128.load(sums, 16), factor), 16);
    }
  }
  store<f32>(totalAt, load<f32>(totalAt) + total);
}

/** @param all whether the row sees every key of the chunk: most chunks need no masks */
@inline
function highest(scores: usize, seen: i32, all: bool): f32 {
  let most = f32x4.splat(lowest);
  for (let at: usize = 0; at < 8 * tileBytes; at += tileBytes, seen -= 8) {
    const low = v128.load(scores + at);
    const high = v128.load(scores + at, 16);
    most = f32x4.pmax(most, f32x4.pmax(all ? low : masked(low, seen), all ? high : masked(high, seen - 4)));
  }
  return maxOfLanes(most);
}

/** Scores to weights. @returns the sum */
@inline
function weigh(scores: usize, highest: f32, seen: i32, all: bool): f32 {
  const shift = f32x4.splat(highest);
  let total = f32x4.splat(0);
  for (let at: usize = 0; at < 8 * tileBytes; at += tileBytes, seen -= 8) {
    let low = exp(f32x4.sub(v128.load(scores + at), shift));
    let high = exp(f32x4.sub(v128.load(scores + at, 16), shift));
    if (!all) {
      low = v128.and(low, laneMask(seen));
      high = v128.and(high, laneMask(seen - 4));
    }
    v128.store(scores + at, low);
    v128.store(scores + at, high, 16);
    total = f32x4.add(total, f32x4.add(low, high));
  }
  return sumOfLanes(total);
}

/** All ones in the first `count` lanes. */
@inline
function laneMask(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

@inline
function masked(scores: v128, count: i32): v128 {
  return v128.bitselect(scores, f32x4.splat(lowest), laneMask(count));
}

/** [panels][4 rows][8 keys] to [keys][4]. */
export function packWeights(from: usize, to: usize): void {
  for (const end = from + 8 * tileBytes; from < end; from += tileBytes, to += 128) {
    for (let half: usize = 0; half < 32; half += 16) {
      const a = v128.load(from + half);
      const b = v128.load(from + half, 32);
      const c = v128.load(from + half, 64);
      const d = v128.load(from + half, 96);
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      const out = to + (half << 2);
      v128.store(out, v128.shuffle<i64>(ab, cd, 0, 2));
      v128.store(out, v128.shuffle<i64>(ab, cd, 1, 3), 16);
      v128.store(out, v128.shuffle<i64>(ab2, cd2, 0, 2), 32);
      v128.store(out, v128.shuffle<i64>(ab2, cd2, 1, 3), 48);
    }
  }
}
