/**
 * out[to] = x * weight^T (+ bias) (+ residual), for the rows of one matrix, or of some experts' matrices. A task is a few
 * panels of one matrix, for all of its rows: the weights of a batch are read and unpacked once for 128 rows. x, or some columns
 * of it, stays in the second cache, and some columns of one panel, unpacked, in the first.
 */
import { parallel, scratch } from "./control";
import { blockElements, DType, isQuantized } from "./dtype";
import { panelBytes } from "./packedWeight";
import { columnsAtOnce, panelRows } from "./panel";
import { argumentsAddress } from "./places";
import { Task } from "./task";
import { tileF32, tileIntegers } from "./tiles";
import { minimums, scales, unpackPanel } from "./unpackedPanel";

/** Tiles of four rows that a panel is multiplied with at a time. */
const maxTiles: i32 = 32;
const maxPanels: i32 = 8;
/** Numbers of x that stay in the second cache. */
const elementsInCache: i32 = 200000;
/** Bytes of the sums of a tile. */
const tileBytes: usize = 128;

@unmanaged
class ProductJob {
  dtype: i32;
  weight: usize;
  columns: i32;
  outFeatures: i32;
  x: usize;
  xScales: usize;
  xSums: usize;
  groups: usize;
  to: usize;
  out: usize;
  outWidth: i32;
  bias: usize;
  residual: usize;
  panelsOfTask: i32;
  tasksOfGroup: i32;
}
const job = changetype<ProductJob>(argumentsAddress);

/** The rows of one matrix of the stack. */
@unmanaged
class Group {
  matrix: i32;
  firstTile: i32;
  rows: i32;
}

/**
 * @param dtype the weight's
 * @param outFeatures rows of a matrix
 * @param x packed tiles; in i16 with `xScales` for quantized weights
 * @param xSums sums of blocks, for weights with minimums
 * @param groups matrix, first tile and rows of each group
 * @param to four row numbers of `out` and `residual` for each tile
 * @param outWidth elements from one row of `out` to the next
 * @param bias one number for each column of a matrix; 0 for none
 * @param residual as wide as `out`; 0 for none
 * @param tasks at least that many tasks are wanted, so that all threads have work
 */
export function product(
  dtype: i32,
  weight: usize,
  columns: i32,
  outFeatures: i32,
  x: usize,
  xScales: usize,
  xSums: usize,
  groups: usize,
  groupCount: i32,
  to: usize,
  out: usize,
  outWidth: i32,
  bias: usize,
  residual: usize,
  tasks: i32,
): void {
  job.dtype = dtype;
  job.weight = weight;
  job.columns = columns;
  job.outFeatures = outFeatures;
  job.x = x;
  job.xScales = xScales;
  job.xSums = xSums;
  job.groups = groups;
  job.to = to;
  job.out = out;
  job.outWidth = outWidth;
  job.bias = bias;
  job.residual = residual;
  const panels = (outFeatures + panelRows - 1) / panelRows;
  job.panelsOfTask = max(1, min(maxPanels, (panels * groupCount) / tasks));
  job.tasksOfGroup = (panels + job.panelsOfTask - 1) / job.panelsOfTask;
  parallel(Task.product, groupCount * job.tasksOfGroup);
}

export function productTask(index: i32): void {
  const tasksOfGroup = job.tasksOfGroup;
  const group = changetype<Group>(job.groups + <usize>(index / tasksOfGroup) * offsetof<Group>());
  const panels = (job.outFeatures + panelRows - 1) / panelRows;
  const first = (index % tasksOfGroup) * job.panelsOfTask;
  const count = min(job.panelsOfTask, panels - first);
  const bytes = panelBytes(job.dtype, job.columns);
  const weight = job.weight + <usize>(group.matrix * panels + first) * bytes;
  for (let row = 0; row < group.rows; row += 4 * maxTiles) {
    const rows = min(4 * maxTiles, group.rows - row);
    const tile = group.firstTile + (row >> 2);
    const panelSums = <usize>((rows + 3) >> 2) * tileBytes;
    memory.fill(scratch, 0, <usize>count * panelSums);
    // Panels one after the other, as they lie in memory, unless x would have to be read anew for each.
    const together = rows * job.columns > elementsInCache ? count : 1;
    for (let panel = 0; panel < count; panel += together) {
      const sums = scratch + <usize>panel * panelSums;
      sumPanels(weight + <usize>panel * bytes, bytes, together, tile, rows, sums, panelSums);
    }
    const to = job.to + (<usize>tile << 4);
    for (let panel = 0; panel < count; panel++)
      writePanel(scratch + <usize>panel * panelSums, (first + panel) * panelRows, to, rows);
  }
}

/**
 * Adds the products of `count` panels.
 * @param first sums of the first panel
 * @param panelSums bytes of the sums of a panel
 */
function sumPanels(weight: usize, bytes: usize, count: i32, tile: i32, rows: i32, first: usize, panelSums: usize): void {
  const columns = job.columns;
  const most = columnsAtOnce(job.dtype);
  const end = weight + <usize>count * bytes;
  for (let start = 0; start < columns; start += most) {
    const some = min(most, columns - start);
    let sums = first;
    for (let panel = weight; panel < end; panel += bytes, sums += panelSums) {
      const numbers = unpackPanel(job.dtype, panel, columns, start, some);
      if (job.dtype == DType.q8_0) sumIntegers<i8>(numbers, start, some, tile, rows, sums);
      else if (isQuantized(job.dtype)) sumIntegers<i16>(numbers, start, some, tile, rows, sums);
      else sumF32(numbers, start, some, tile, rows, sums);
    }
  }
}

/** Adds the products with columns [start, start + count) of a panel to `sums`. */
function sumF32(w: usize, start: i32, count: i32, tile: i32, rows: i32, sums: usize): void {
  const tileX = <usize>job.columns << 4;
  let x = job.x + <usize>tile * tileX + (<usize>start << 4);
  for (let left = rows; left > 0; left -= 4, x += tileX, sums += tileBytes) {
    tileF32(x, w, count, left, sums);
  }
}

function sumIntegers<T>(w: usize, start: i32, count: i32, tile: i32, rows: i32, sums: usize): void {
  const blocks = count / blockElements;
  const tileX = <usize>job.columns << 3;
  const tileBlocks = <usize>(job.columns / blockElements) << 4;
  let x = job.x + <usize>tile * tileX + (<usize>start << 3);
  let place = <usize>tile * tileBlocks + (<usize>(start / blockElements) << 4);
  for (let left = rows; left > 0; left -= 4, x += tileX, place += tileBlocks, sums += tileBytes) {
    tileIntegers<T>(x, job.xScales + place, w, scales(), blocks, left, sums);
    if (job.dtype == DType.q4_k) tileF32(job.xSums + place, minimums(), blocks, left, sums);
  }
}

/** Writes the sums of a panel to its columns, or to as many as there are. */
function writePanel(sums: usize, column: i32, to: usize, rows: i32): void {
  const rowBytes = <usize>job.outWidth << 2;
  const start = <usize>column << 2;
  const out = job.out + start;
  const bias = job.bias == 0 ? 0 : job.bias + start;
  const residual = job.residual == 0 ? 0 : job.residual + start;
  const columns = min(panelRows, job.outFeatures - column);
  for (const end = to + (<usize>rows << 2); to < end; to += 4, sums += 32) {
    const row = <usize>load<i32>(to) * rowBytes;
    const other = residual == 0 ? 0 : residual + row;
    if (columns == panelRows) writeEight(sums, bias, other, out + row);
    else writeSome(sums, bias, other, out + row, columns);
  }
}

@inline
function writeEight(sums: usize, bias: usize, residual: usize, out: usize): void {
  let low = v128.load(sums);
  let high = v128.load(sums, 16);
  if (bias != 0) {
    low = f32x4.add(low, v128.load(bias));
    high = f32x4.add(high, v128.load(bias, 16));
  }
  if (residual != 0) {
    low = f32x4.add(low, v128.load(residual));
    high = f32x4.add(high, v128.load(residual, 16));
  }
  v128.store(out, low);
  v128.store(out, high, 16);
}

function writeSome(sums: usize, bias: usize, residual: usize, out: usize, columns: i32): void {
  for (let n: usize = 0; n < <usize>columns << 2; n += 4) {
    let sum = load<f32>(sums + n);
    if (bias != 0) sum += load<f32>(bias + n);
    if (residual != 0) sum += load<f32>(residual + n);
    store<f32>(out + n, sum);
  }
}
