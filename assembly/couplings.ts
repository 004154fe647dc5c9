/**
 * Attention among the wanted rows of a request, summed over the heads of a layer. A task is some of the rows. Keys are packed as those
 * of attention, in chunks that start at key 0, and are read twice: for the sums of all softmaxes, then for the shares of the wanted keys.
 */
import { AttentionJob, chunk, lowest, tileBytes } from "./attentionJob";
import { packKeys } from "./attentionPanels";
import { parallel, scratch } from "./control";
import { exp } from "./math";
import { argumentsAddress } from "./places";
import { softmaxRow } from "./softmax";
import { Task } from "./task";
import { tileF32 } from "./tiles";

/** Rows of a task, at most. */
const maxRows: i32 = 32;

@unmanaged
class CouplingsJob extends AttentionJob {
  rows: usize;
  count: i32;
  /** The first position of the slot in the pool. */
  base: i32;
}
const job = changetype<CouplingsJob>(argumentsAddress);

@unmanaged
class CoupledRow {
  /** The row's query among the tokens of the pass, the keys that it sees, and its own key. */
  token: i32;
  visible: i32;
  key: i32;
}

@inline
function rowAt(index: i32): CoupledRow {
  return changetype<CoupledRow>(job.rows + <usize>index * offsetof<CoupledRow>());
}

/**
 * @param rows three numbers for each row, in ascending order of their keys
 * @param out [count, count]
 */
export function couplings(
  query: usize,
  keys: usize,
  cacheDType: i32,
  heads: i32,
  kvHeads: i32,
  width: i32,
  scale: f32,
  rows: usize,
  count: i32,
  base: i32,
  out: usize,
): void {
  job.query = query;
  job.keys = keys;
  job.cacheDType = cacheDType;
  job.heads = heads;
  job.kvHeads = kvHeads;
  job.width = width;
  job.scale = scale;
  job.rows = rows;
  job.count = count;
  job.base = base;
  job.out = out;
  parallel(Task.couplings, (count + maxRows - 1) / maxRows);
}

export function couplingsTask(index: i32): void {
  const first = index * maxRows;
  const count = min(maxRows, job.count - first);
  memory.fill(job.out + (<usize>(first * job.count) << 2), 0, <usize>(count * job.count) << 2);
  for (let head = 0; head < job.heads; head++) addHead(first, count, head);
}

function addHead(first: i32, count: i32, head: i32): void {
  const width = job.width;
  const tiles = (count + 3) >> 2;
  // The places in scratch.
  const keyPanels = scratch;
  const queries = keyPanels + 8 * (<usize>width << 5);
  const queryTileBytes = <usize>width << 4;
  const scores = queries + <usize>(maxRows >> 2) * queryTileBytes;
  const highest = scores + 8 * tileBytes;
  const totals = highest + (<usize>maxRows << 2);

  memory.fill(queries, 0, <usize>tiles * queryTileBytes);
  let most = 0;
  for (let r = 0; r < count; r++) {
    const row = rowAt(first + r);
    most = max(most, row.visible);
    const from = job.query + (<usize>(row.token * job.heads + head) * <usize>width << 2);
    const to = queries + <usize>(r >> 2) * queryTileBytes + (<usize>(r & 3) << 2);
    for (let k: usize = 0; k < <usize>width; k++) store<f32>(to + (k << 4), load<f32>(from + (k << 2)) * job.scale);
    store<f32>(highest + (<usize>r << 2), lowest);
    store<f32>(totals + (<usize>r << 2), 0);
  }
  const kvHead = head / (job.heads / job.kvHeads);
  for (let start = 0; start < most; start += chunk) {
    const keyCount = min(chunk, most - start);
    packKeys(job.base + start, keyCount, kvHead, keyPanels, 0, 0, 0);
    for (let tile = 0; tile < tiles; tile++) {
      const left = min(4, count - 4 * tile);
      scoreTile(queries + <usize>tile * queryTileBytes, keyPanels, keyCount, left, scores);
      for (let r = 0; r < left; r++) {
        const at = <usize>(4 * tile + r) << 2;
        const seen = rowAt(first + 4 * tile + r).visible - start;
        softmaxRow(scores + (<usize>r << 5), seen, highest + at, totals + at, 0, 0);
      }
    }
  }
  let column = 0;
  while (column < job.count) {
    const start = rowAt(column).key & ~(chunk - 1);
    let end = column;
    while (end < job.count && rowAt(end).key < start + chunk) end++;
    const keyCount = min(chunk, most - start);
    // No row sees the keys behind.
    if (keyCount <= 0) return;
    packKeys(job.base + start, keyCount, kvHead, keyPanels, 0, 0, 0);
    for (let tile = 0; tile < tiles; tile++) {
      const left = min(4, count - 4 * tile);
      scoreTile(queries + <usize>tile * queryTileBytes, keyPanels, keyCount, left, scores);
      for (let r = 0; r < left; r++) {
        const row = first + 4 * tile + r;
        const at = <usize>(4 * tile + r) << 2;
        const factor: f32 = <f32>1 / load<f32>(totals + at);
        for (let c = column; c < end; c++) {
          const key = rowAt(c).key;
          if (key >= rowAt(row).visible) break;
          const inChunk = key - start;
          const score = load<f32>(scores + <usize>(inChunk >> 3) * tileBytes + (<usize>r << 5) + (<usize>(inChunk & 7) << 2));
          const weight = exp(f32x4.splat(score - load<f32>(highest + at)));
          const to = job.out + (<usize>(row * job.count + c) << 2);
          store<f32>(to, load<f32>(to) + f32x4.extract_lane(weight, 0) * factor);
        }
      }
    }
    column = end;
  }
}

/** Products of a tile of queries and the keys of a chunk: those of keys 8 p to 8 p + 7 at p * 128. */
function scoreTile(query: usize, keyPanels: usize, keyCount: i32, rows: i32, scores: usize): void {
  const panelBytes = <usize>job.width << 5;
  memory.fill(scores, 0, 8 * tileBytes);
  for (let panel = 0; panel < (keyCount + 7) >> 3; panel++)
    tileF32(query, keyPanels + <usize>panel * panelBytes, job.width, rows, scores + <usize>panel * tileBytes);
}
