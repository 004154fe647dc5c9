/**
 * Softmax attention. A task is some rows of one span and one key head: row r is query r mod `queries` of head r / `queries`
 * among the heads that share the keys. Keys and values are packed 64 at a time into panels, and both products run in the
 * microkernels of the matrix products. The chunks start at key 0, and a masked key adds exactly nothing, so the bits of a row
 * do not depend on the other rows.
 */
import { chunk, job, lowest, tileBytes } from "./attentionJob";
import { packKeys, packValues } from "./attentionPanels";
import { parallel, scratch } from "./control";
import { packWeights, softmaxRow } from "./softmax";
import { Task } from "./task";
import { tileF32 } from "./tiles";

/** Rows of a task, at most. */
const maxRows: i32 = 128;

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
  /** Rows [replaced, replaced + replacedCount) of the pool are those `distance` behind them, for the task: a branch's own keys. */
  replaced: i32;
  replacedCount: i32;
  distance: i32;
}

/**
 * @param query [tokens, heads * width]
 * @param keys [positions, kvHeads * width], as values
 * @param tasks nine numbers for each task
 * @param visible for each token, the number of keys that it sees
 * @param hidden for each token, one of these that it does not see, or -1; 0 if no token has one
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
  hidden: usize,
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
  job.hidden = hidden;
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
    packKeys(task.base + first, count, task.kvHead, keyPanels, task.replaced, task.replacedCount, task.distance);
    packValues(task.base + first, count, task.kvHead, valueAt, task.replaced, task.replacedCount, task.distance);
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
        const hidden = job.hidden == 0 ? 0 : hiddenScore(task, 4 * tile + <i32>r, first, scores + (r << 5));
        if (hidden != 0) store<f32>(hidden, lowest);
        softmaxRow(scores + (r << 5), seen, highest + at, totals + at, outTile + (r << 5), valuePanels);
        if (hidden != 0) store<f32>(hidden, 0);
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

/** Address of the score of the key that a row does not see; 0 if that key is not in the chunk from `first` on. */
function hiddenScore(task: AttentionTask, r: i32, first: i32, scores: usize): usize {
  const key = load<i32>(job.hidden + (<usize>tokenOf(task, r) << 2)) - first;
  if (key < 0 || key >= chunk) return 0;
  return scores + <usize>(key >> 3) * tileBytes + (<usize>(key & 7) << 2);
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

/** Scaled, so that scores need not be. */
function packQuery(from: usize, to: usize): void {
  for (const end = from + (<usize>job.width << 2); from < end; from += 4, to += 16)
    store<f32>(to, load<f32>(from) * job.scale);
}

/** @param from the row's sums: columns 8 p to 8 p + 7 at p * 128 */
function writeOut(from: usize, factor: f32, to: usize): void {
  const width = <usize>job.width;
  for (let k: usize = 0; k < width; k++) {
    const sum = load<f32>(from + (k >> 3) * tileBytes + ((k & 7) << 2));
    store<f32>(to + (k << 2), sum * factor);
  }
}
