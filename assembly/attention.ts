/**
 * Softmax attention. A task is some rows of one span and one key head: row r is query r mod `queries` of head r / `queries`
 * among the heads that share the keys. Keys and values are packed 64 at a time into panels, and both products run in the
 * microkernels of the matrix products. The chunks start at key 0, and a masked key adds exactly nothing, so the bits of a row
 * do not depend on the other rows.
 */
import { parallel, scratch } from "./control";
import { DType } from "./dtype";
import { f16ToF32, f16ToF32x4 } from "./half";
import { exp, maxOfLanes, sumOfLanes } from "./math";
import { argumentsAddress } from "./places";
import { Task } from "./task";
import { tileF32 } from "./tiles";

/** Keys of a chunk: eight panels. */
const chunk: i32 = 64;
/** Rows of a task, at most. */
const maxRows: i32 = 32;
const tileBytes: usize = 128;
/** A score below all others: minus infinity would make NaN of differences. */
const lowest: f32 = -3.0e38;

@unmanaged
class AttentionJob {
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
  out: usize;
}
const job = changetype<AttentionJob>(argumentsAddress);

@unmanaged
class AttentionTask {
  /** The span's first row among the tokens of the pass, and its number of queries. */
  token: i32;
  queries: i32;
  /** The first position of its slot in the pool. */
  base: i32;
  kvHead: i32;
  /** The rows [firstRow, firstRow + rows) of that key head. */
  firstRow: i32;
  rows: i32;
}

/**
 * @param query [tokens, heads * width]
 * @param keys [positions, kvHeads * width], as values
 * @param tasks six numbers for each task
 * @param visible for each token, the number of keys that it sees
 */
export function attention(
  query: usize,
  keys: usize,
  values: usize,
  cacheDType: i32,
  heads: i32,
  kvHeads: i32,
  width: i32,
  scale: f32,
  tasks: usize,
  taskCount: i32,
  visible: usize,
  out: usize,
): void {
  job.query = query;
  job.keys = keys;
  job.values = values;
  job.cacheDType = cacheDType;
  job.heads = heads;
  job.kvHeads = kvHeads;
  job.width = width;
  job.scale = scale;
  job.tasks = tasks;
  job.visible = visible;
  job.out = out;
  parallel(Task.attention, taskCount);
}

export function attentionTask(index: i32): void {
  const task = changetype<AttentionTask>(job.tasks + <usize>index * offsetof<AttentionTask>());
  const width = job.width;
  const rows = task.rows;
  const tiles = (rows + 3) >> 2;
  const valuePanels = (width + 7) >> 3;
  // The places in scratch.
  const keyPanels = scratch;
  const keyPanelBytes = <usize>width << 5;
  const valueAt = keyPanels + 8 * keyPanelBytes;
  const valuePanelBytes: usize = <usize>chunk << 5;
  const queries = valueAt + <usize>valuePanels * valuePanelBytes;
  const queryTileBytes = <usize>width << 4;
  const sums = queries + <usize>(maxRows >> 2) * queryTileBytes;
  const sumsOfTile = <usize>valuePanels * tileBytes;
  const scores = sums + <usize>(maxRows >> 2) * sumsOfTile;
  const weights = scores + 8 * tileBytes;
  const visible = weights + (<usize>chunk << 4);
  const highest = visible + (<usize>maxRows << 2);
  const totals = highest + (<usize>maxRows << 2);

  memory.fill(queries, 0, <usize>tiles * queryTileBytes);
  memory.fill(sums, 0, <usize>tiles * sumsOfTile);
  memory.fill(visible, 0, <usize>maxRows << 2);
  let most = 0;
  for (let r = 0; r < rows; r++) {
    packQuery(queryOf(task, r), queries + <usize>(r >> 2) * queryTileBytes + (<usize>(r & 3) << 2));
    const seen = load<i32>(job.visible + (<usize>tokenOf(task, r) << 2));
    store<i32>(visible + (<usize>r << 2), seen);
    most = max(most, seen);
  }
  for (let r = 0; r < maxRows; r++) {
    store<f32>(highest + (<usize>r << 2), lowest);
    store<f32>(totals + (<usize>r << 2), 0);
  }
  for (let first = 0; first < most; first += chunk) {
    const count = min(chunk, most - first);
    packKeys(task.base + first, count, task.kvHead, keyPanels);
    packValues(task.base + first, count, task.kvHead, valueAt);
    for (let tile = 0; tile < tiles; tile++) {
      const left = rows - 4 * tile;
      const query = queries + <usize>tile * queryTileBytes;
      memory.fill(scores, 0, 8 * tileBytes);
      for (let panel = 0; panel < (count + 7) >> 3; panel++)
        tileF32(query, keyPanels + <usize>panel * keyPanelBytes, width, left, scores + <usize>panel * tileBytes);
      const outTile = sums + <usize>tile * sumsOfTile;
      const row = <usize>tile << 4;
      for (let r: usize = 0; r < <usize>min(4, left); r++) {
        const at = row + (r << 2);
        const seen = load<i32>(visible + at) - first;
        softmaxRow(scores + (r << 5), seen, highest + at, totals + at, outTile + (r << 5), valuePanels);
      }
      packWeights(scores, weights);
      for (let panel = 0; panel < valuePanels; panel++)
        tileF32(weights, valueAt + <usize>panel * valuePanelBytes, count, left, outTile + <usize>panel * tileBytes);
    }
  }
  for (let r = 0; r < rows; r++) {
    const total = load<f32>(totals + (<usize>r << 2));
    const from = sums + <usize>(r >> 2) * sumsOfTile + (<usize>(r & 3) << 5);
    writeOut(from, total == 0 ? 0 : 1 / total, outOf(task, r));
  }
}

@inline
function tokenOf(task: AttentionTask, r: i32): i32 {
  return task.token + (task.firstRow + r) % task.queries;
}

/** Distance of a row's query, and of its output, from the start of theirs. */
@inline
function rowOffset(task: AttentionTask, r: i32): usize {
  const head = task.kvHead * (job.heads / job.kvHeads) + (task.firstRow + r) / task.queries;
  return (<usize>(tokenOf(task, r) * job.heads + head) * <usize>job.width) << 2;
}
function queryOf(task: AttentionTask, r: i32): usize {
  return job.query + rowOffset(task, r);
}
function outOf(task: AttentionTask, r: i32): usize {
  return job.out + rowOffset(task, r);
}

function packQuery(from: usize, to: usize): void {
  for (const end = from + (<usize>job.width << 2); from < end; from += 4, to += 16) store<i32>(to, load<i32>(from));
}

/** Address of a head's part of a row of the pool. */
@inline
function poolAt(pool: usize, row: i32, kvHead: i32, shift: usize): usize {
  return pool + ((<usize>row * <usize>(job.kvHeads * job.width) + <usize>(kvHead * job.width)) << shift);
}

/** Four numbers of the pool in f32. */
@inline
function poolLoad4(at: usize): v128 {
  return job.cacheDType == DType.f32 ? v128.load(at) : f16ToF32x4(v128.load_ext<u16>(at));
}
@inline
function poolLoad(at: usize): f32 {
  return job.cacheDType == DType.f32 ? load<f32>(at) : f16ToF32(load<u16>(at));
}

/** Keys to panels [width][8]; a panel that has fewer keys gets zeros. */
function packKeys(row: i32, count: i32, kvHead: i32, out: usize): void {
  const width = job.width;
  const shift: usize = job.cacheDType == DType.f32 ? 2 : 1;
  const rowBytes = <usize>(job.kvHeads * width) << shift;
  const first = poolAt(job.keys, row, kvHead, shift);
  for (let key = 0; key < count; key += 4) {
    const from = first + <usize>key * rowBytes;
    const to = out + (<usize>(key >> 3) * <usize>width << 5) + (<usize>(key & 4) << 2);
    const left = count - key;
    let k = 0;
    if (left >= 4) {
      for (; k < (width & ~3); k += 4) {
        const at = from + (<usize>k << shift);
        const a = poolLoad4(at);
        const b = poolLoad4(at + rowBytes);
        const c = poolLoad4(at + 2 * rowBytes);
        const d = poolLoad4(at + 3 * rowBytes);
        const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
        const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
        const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
        const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
        const panel = to + (<usize>k << 5);
        v128.store(panel, v128.shuffle<i64>(ab, cd, 0, 2));
        v128.store(panel, v128.shuffle<i64>(ab, cd, 1, 3), 32);
        v128.store(panel, v128.shuffle<i64>(ab2, cd2, 0, 2), 64);
        v128.store(panel, v128.shuffle<i64>(ab2, cd2, 1, 3), 96);
      }
    }
    for (; k < width; k++) {
      for (let lane = 0; lane < 4; lane++) {
        const value = lane < left ? poolLoad(from + <usize>lane * rowBytes + (<usize>k << shift)) : 0;
        store<f32>(to + (<usize>k << 5) + (<usize>lane << 2), value);
      }
    }
  }
  const rest = count & 7;
  if (rest == 0 || rest > 4) return;
  // The last panel has keys in its first half only.
  const half = out + (<usize>(count >> 3) * <usize>width << 5) + 16;
  for (let k: usize = 0; k < <usize>width; k++) v128.store(half + (k << 5), i32x4.splat(0));
}

/** Values to panels [keys][8]. */
function packValues(row: i32, count: i32, kvHead: i32, out: usize): void {
  const width = job.width;
  const shift: usize = job.cacheDType == DType.f32 ? 2 : 1;
  const rowBytes = <usize>(job.kvHeads * width) << shift;
  let from = poolAt(job.values, row, kvHead, shift);
  for (let key = 0; key < count; key++, from += rowBytes) {
    let to = out + (<usize>key << 5);
    let k = 0;
    for (; k + 8 <= width; k += 8, to += <usize>chunk << 5) {
      v128.store(to, poolLoad4(from + (<usize>k << shift)));
      v128.store(to, poolLoad4(from + (<usize>(k + 4) << shift)), 16);
    }
    for (; k < width; k++, to += 4) store<f32>(to, poolLoad(from + (<usize>k << shift)));
  }
}

/**
 * Scores of a row to weights relative to the highest score so far; rescales what was summed before.
 * @param scores of keys 8 p to 8 p + 7 at p * 128
 * @param seen keys of the chunk that the row sees; may be less than 0
 */
function softmaxRow(scores: usize, seen: i32, highestAt: usize, totalAt: usize, sums: usize, panels: i32): void {
  const scale = f32x4.splat(job.scale);
  let most = f32x4.splat(lowest);
  let left = seen;
  for (let at: usize = 0; at < 8 * tileBytes; at += tileBytes, left -= 8) {
    const low = masked(f32x4.mul(v128.load(scores + at), scale), left);
    const high = masked(f32x4.mul(v128.load(scores + at, 16), scale), left - 4);
    v128.store(scores + at, low);
    v128.store(scores + at, high, 16);
    most = f32x4.pmax(most, f32x4.pmax(low, high));
  }
  const before = load<f32>(highestAt);
  const now = max(before, maxOfLanes(most));
  store<f32>(highestAt, now);
  const shift = f32x4.splat(now);
  let total = f32x4.splat(0);
  left = seen;
  for (let at: usize = 0; at < 8 * tileBytes; at += tileBytes, left -= 8) {
    const low = v128.and(exp(f32x4.sub(v128.load(scores + at), shift)), laneMask(left));
    const high = v128.and(exp(f32x4.sub(v128.load(scores + at, 16), shift)), laneMask(left - 4));
    v128.store(scores + at, low);
    v128.store(scores + at, high, 16);
    total = f32x4.add(total, f32x4.add(low, high));
  }
  if (now != before) {
    const factor = exp(f32x4.splat(before - now));
    store<f32>(totalAt, load<f32>(totalAt) * f32x4.extract_lane(factor, 0));
    for (let panel = 0; panel < panels; panel++, sums += tileBytes) {
      v128.store(sums, f32x4.mul(v128.load(sums), factor));
      v128.store(sums, f32x4.mul(v128.load(sums, 16), factor), 16);
    }
  }
  store<f32>(totalAt, load<f32>(totalAt) + sumOfLanes(total));
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
function packWeights(from: usize, to: usize): void {
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

/** @param from the row's sums: columns 8 p to 8 p + 7 at p * 128 */
function writeOut(from: usize, factor: f32, to: usize): void {
  const width = <usize>job.width;
  for (let k: usize = 0; k < width; k++) {
    const sum = load<f32>(from + (k >> 3) * tileBytes + ((k & 7) << 2));
    store<f32>(to + (k << 2), sum * factor);
  }
}
