/** From rows of projections [query | key | value]: head norms, RoPE, and where queries, keys and values are kept. */
import { parallel, scratch } from "./control";
import { DType } from "./dtype";
import { f32ToFiniteF16 } from "./half";
import { normRow } from "./math";
import { readWeightRow } from "./packedWeight";
import { argumentsAddress } from "./places";
import { Task } from "./task";

@unmanaged
class QkvJob {
  projected: usize;
  heads: i32;
  kvHeads: i32;
  width: i32;
  rotary: i32;
  epsilon: f64;
  queryNorm: usize;
  keyNorm: usize;
  rope: usize;
  positions: usize;
  poolRows: usize;
  query: usize;
  keys: usize;
  values: usize;
  cacheDType: i32;
}
const job = changetype<QkvJob>(argumentsAddress);

/**
 * @param projected [tokens, (heads + 2 kvHeads) * width]; overwritten
 * @param queryNorm [width], as keyNorm; 0 for none
 * @param rope the packed table: cosines, then sines
 * @param positions of each token in its sequence
 * @param poolRows of each token in the K/V pool
 */
export function rowsOfQkv(
  projected: usize,
  tokens: i32,
  heads: i32,
  kvHeads: i32,
  width: i32,
  rotary: i32,
  epsilon: f64,
  queryNorm: usize,
  keyNorm: usize,
  rope: usize,
  positions: usize,
  poolRows: usize,
  query: usize,
  keys: usize,
  values: usize,
  cacheDType: i32,
): void {
  job.projected = projected;
  job.heads = heads;
  job.kvHeads = kvHeads;
  job.width = width;
  job.rotary = rotary;
  job.epsilon = epsilon;
  job.queryNorm = queryNorm;
  job.keyNorm = keyNorm;
  job.rope = rope;
  job.positions = positions;
  job.poolRows = poolRows;
  job.query = query;
  job.keys = keys;
  job.values = values;
  job.cacheDType = cacheDType;
  parallel(Task.rowsOfQkv, tokens);
}

export function rowsOfQkvTask(token: i32): void {
  const width = job.width;
  const heads = job.heads;
  const kvHeads = job.kvHeads;
  const headBytes = <usize>width << 2;
  const queryBytes = <usize>heads * headBytes;
  const keyBytes = <usize>kvHeads * headBytes;
  const row = job.projected + <usize>token * (queryBytes + 2 * keyBytes);
  const position = load<i32>(job.positions + (<usize>token << 2));
  readWeightRow(DType.f32, job.rope, job.rotary, position, scratch);
  for (let head = 0; head < heads; head++) placeHead(row + <usize>head * headBytes, job.queryNorm);
  for (let head = 0; head < kvHeads; head++)
    placeHead(row + queryBytes + <usize>head * headBytes, job.keyNorm);
  memory.copy(job.query + <usize>token * queryBytes, row, queryBytes);
  const poolRow = load<i32>(job.poolRows + (<usize>token << 2));
  keep(row + queryBytes, job.keys, poolRow, kvHeads * width);
  keep(row + queryBytes + keyBytes, job.values, poolRow, kvHeads * width);
}

/** Norms and rotates one head in place; the cosines and sines of the position are in scratch. */
function placeHead(at: usize, norm: usize): void {
  if (norm != 0) normRow(at, norm, at, job.width, job.epsilon);
  const bytes = <usize>(job.rotary >> 1) << 2;
  const whole = bytes & ~15;
  for (let k: usize = 0; k < whole; k += 16) {
    const cosine = v128.load(scratch + k);
    const sine = v128.load(scratch + bytes + k);
    const a = v128.load(at + k);
    const b = v128.load(at + bytes + k);
    v128.store(at + k, f32x4.sub(f32x4.mul(a, cosine), f32x4.mul(b, sine)));
    v128.store(at + bytes + k, f32x4.add(f32x4.mul(b, cosine), f32x4.mul(a, sine)));
  }
  for (let k = whole; k < bytes; k += 4) {
    const cosine = load<f32>(scratch + k);
    const sine = load<f32>(scratch + bytes + k);
    const a = load<f32>(at + k);
    const b = load<f32>(at + bytes + k);
    store<f32>(at + k, a * cosine - b * sine);
    store<f32>(at + bytes + k, b * cosine + a * sine);
  }
}

/** Writes a row to the pool. */
function keep(from: usize, pool: usize, row: i32, width: i32): void {
  const elements = <usize>width;
  if (job.cacheDType == DType.f32) {
    memory.copy(pool + ((<usize>row * elements) << 2), from, elements << 2);
    return;
  }
  const to = pool + ((<usize>row * elements) << 1);
  for (let k: usize = 0; k < elements; k++) store<u16>(to + (k << 1), f32ToFiniteF16(load<f32>(from + (k << 2))));
}
