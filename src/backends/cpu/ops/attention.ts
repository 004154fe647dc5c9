import { hiddenKey, type NodeOf, visibleKeys } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { type RowsInF32, rowsSeenBy } from "../cacheRows.ts";
import type { Memory } from "../pass.ts";

/** Queries of a tile, which share the loads of keys and values. */
const tile = 3;

/**
 * Softmax attention, a head and three queries at a time. Each score sums over the head's width in order, and each
 * output over the keys in order, whatever the tile: a query's bits do not depend on its neighbours. Where a tile
 * has fewer than three queries the last one stands in, and is computed again; so does the last key or column where
 * there is no second one. As in the matrix product, six sums at a time are as many as fit in registers.
 */
export function attention(node: NodeOf<"attention">, memory: Memory): Kernel {
  const { heads, kvHeads, headDimension: width, scale } = node.attributes;
  const query = memory.f32(node.inputs.query!);
  const keys = memory.cache(node.inputs.keys!, "keys");
  const values = memory.cache(node.inputs.values!, "values");
  const attnOutput = memory.f32(node.outputs.attnOutput);
  const stride = kvHeads * width;
  const weights = new Float64Array(tile * keys.positions);

  return ({ spans }) => {
    for (const span of spans) {
      const most = visibleKeys(span, span.end - 1);
      const keyRows = rowsSeenBy(span, keys, most, stride);
      const valueRows = rowsSeenBy(span, values, most, stride);
      let next: number;
      for (let position = span.start; position < span.end; position = next) {
        const visible = visibleKeys(span, position);
        next = position + 1;
        while (next < Math.min(position + tile, span.end) && visibleKeys(span, next) === visible) next++;
        for (let head = 0; head < heads; head++) {
          const row = (span.row + position - span.start) * heads + head;
          const column = Math.floor((head * kvHeads) / heads) * width;
          const queries = { at: row * width, step: heads * width, count: next - position };
          const rows = { at: column, stride, count: visible };
          scoreTile(weights, query, queries, keyRows, rows, width, scale);
          if (span.shadowOf !== undefined) {
            for (let q = 0; q < tile; q++) {
              const hidden = hiddenKey(span, position + Math.min(q, queries.count - 1));
              weights[q * visible + hidden] = -Infinity;
            }
          }
          for (let q = 0; q < tile; q++) softmaxRow(weights, q * visible, visible);
          mixTile(attnOutput, queries, weights, valueRows, rows, width);
        }
      }
    }
  };
}

/** Where a tile's queries (and outputs) lie: `count` of them, `step` apart. */
interface Queries {
  readonly at: number;
  readonly step: number;
  readonly count: number;
}
/** Where a head's keys or values lie, from the first row on: `count` of them, `stride` apart. */
interface KeyRows {
  readonly at: number;
  readonly stride: number;
  readonly count: number;
}

const nth = ({ at, step, count }: Queries, q: number) => at + Math.min(q, count - 1) * step;

/** weights[q][key] = scale * query q . key, two keys at a time. */
function scoreTile(
  weights: Float64Array,
  query: Float32Array,
  queries: Queries,
  { data: keys, at: first }: RowsInF32,
  { at, stride, count }: KeyRows,
  width: number,
  scale: number,
): void {
  const q0 = nth(queries, 0);
  const q1 = nth(queries, 1);
  const q2 = nth(queries, 2);
  for (let key = 0; key < count; key += 2) {
    const other = Math.min(key + 1, count - 1);
    const from = first + at + key * stride;
    const fromOther = first + at + other * stride;
    let s00 = 0;
    let s01 = 0;
    let s10 = 0;
    let s11 = 0;
    let s20 = 0;
    let s21 = 0;
    for (let k = 0; k < width; k++) {
      const a = keys[from + k]!;
      const b = keys[fromOther + k]!;
      const p = query[q0 + k]!;
      const q = query[q1 + k]!;
      const r = query[q2 + k]!;
      s00 += p * a;
      s01 += p * b;
      s10 += q * a;
      s11 += q * b;
      s20 += r * a;
      s21 += r * b;
    }
    weights[key] = s00 * scale;
    weights[other] = s01 * scale;
    weights[count + key] = s10 * scale;
    weights[count + other] = s11 * scale;
    weights[2 * count + key] = s20 * scale;
    weights[2 * count + other] = s21 * scale;
  }
}

/** The softmax of `count` weights from `at` on, in place. */
function softmaxRow(weights: Float64Array, at: number, count: number): void {
  let maximum = -Infinity;
  for (let i = at; i < at + count; i++) if (weights[i]! > maximum) maximum = weights[i]!;
  let total = 0;
  for (let i = at; i < at + count; i++) {
    weights[i] = Math.exp(weights[i]! - maximum);
    total += weights[i]!;
  }
  for (let i = at; i < at + count; i++) weights[i]! /= total;
}

/** attnOutput[q] = the sum over keys of weights[q][key] * value, two columns at a time. */
function mixTile(
  attnOutput: Float32Array,
  queries: Queries,
  weights: Float64Array,
  { data: values, at: first }: RowsInF32,
  { at, stride, count }: KeyRows,
  width: number,
): void {
  const q0 = nth(queries, 0);
  const q1 = nth(queries, 1);
  const q2 = nth(queries, 2);
  for (let k = 0; k < width; k += 2) {
    const other = Math.min(k + 1, width - 1);
    let s00 = 0;
    let s01 = 0;
    let s10 = 0;
    let s11 = 0;
    let s20 = 0;
    let s21 = 0;
    for (let key = 0, from = first + at; key < count; key++, from += stride) {
      const a = values[from + k]!;
      const b = values[from + other]!;
      const p = weights[key]!;
      const q = weights[count + key]!;
      const r = weights[2 * count + key]!;
      s00 += p * a;
      s01 += p * b;
      s10 += q * a;
      s11 += q * b;
      s20 += r * a;
      s21 += r * b;
    }
    attnOutput[q0 + k] = s00;
    attnOutput[q0 + other] = s01;
    attnOutput[q1 + k] = s10;
    attnOutput[q1 + other] = s11;
    attnOutput[q2 + k] = s20;
    attnOutput[q2 + other] = s21;
  }
}
