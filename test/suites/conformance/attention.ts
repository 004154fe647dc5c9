/** qkv and attention: projections, norms, rotation, masks, and where keys and values are written. */
import { ropeTable } from "../../../src/core/model/index.ts";
import { type CacheDType, firstPosition, type Span } from "../../../src/core/tensor/index.ts";
import { type Case, near, type Surroundings, toleranceOf } from "../suite.ts";
import { type Experiment, run, type StoredDType, slotBase, type Weight } from "./harness.ts";
import { quantize } from "./quantize.ts";
import { generator, matrix } from "./random.ts";
import { attend, linear, rmsNorm, rotate, sees, toRows } from "./reference.ts";
import { wholeSpan } from "./wholeSpan.ts";

interface Shape {
  readonly name: string;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly width: number;
  readonly rotary: number;
  readonly headNorm: boolean;
  readonly bias: boolean;
  readonly cache?: CacheDType;
  /** The type of matrices, if they are quantized. */
  readonly quantized?: StoredDType;
  /** Lengths of the slots, and the spans over them. */
  readonly lengths: readonly number[];
  readonly spans: readonly Span[];
}

const epsilon = 1e-5;
const theta = 10000;
const vocabulary = 19;

const plain = { hidden: 24, heads: 2, kvHeads: 2, width: 8, rotary: 8, headNorm: false, bias: false };
/** A whole sequence and, behind it, the shadow of some of its positions. */
function shadowed(slot: number, length: number, twins: number, count: number): readonly Span[] {
  return [wholeSpan(slot, length), { ...wholeSpan(slot, length + count), start: length, shadowOf: twins }];
}

/** A whole sequence and, behind it, branches of the positions [from, to). */
function branched(
  slot: number,
  sequence: Omit<Span, "slot">,
  [from, to]: readonly [number, number],
  count: number,
): readonly Span[] {
  const behind = Array.from({ length: count }, (_, index): Span => {
    const start = sequence.end + index * (to - from);
    return { ...sequence, slot, start, end: start + to - from, branchOf: from };
  });
  return [{ ...sequence, slot }, ...behind];
}

const branchShapes: readonly Shape[] = [
  {
    ...plain,
    name: "a branch of a whole sequence",
    lengths: [12],
    spans: branched(0, wholeSpan(0, 6), [0, 6], 1),
  },
  {
    ...plain,
    name: "branches beside sequences without, grouped heads",
    heads: 6,
    headNorm: true,
    lengths: [17, 11, 38],
    spans: [
      ...branched(0, wholeSpan(0, 9), [3, 7], 2),
      wholeSpan(1, 11),
      ...branched(2, wholeSpan(2, 17), [10, 17], 3),
    ],
  },
  {
    ...plain,
    name: "branches under a block-causal mask",
    lengths: [29],
    spans: branched(0, { ...wholeSpan(0, 14), maskBlock: 4, origin: 2 }, [6, 11], 3),
  },
  {
    ...plain,
    name: "branches whose twins cross tiles and chunks",
    width: 16,
    rotary: 4,
    heads: 4,
    lengths: [273],
    spans: branched(0, wholeSpan(0, 133), [60, 130], 2),
  },
  {
    ...plain,
    name: "branches, bf16, keys and values in f16",
    hidden: 40,
    heads: 4,
    width: 16,
    rotary: 4,
    headNorm: true,
    quantized: "bf16",
    cache: "f16",
    lengths: [5, 141],
    spans: [...branched(1, wholeSpan(1, 75), [40, 73], 2), wholeSpan(0, 5)],
  },
];

const shadowShapes: readonly Shape[] = [
  { ...plain, name: "a shadow of one position", lengths: [2], spans: shadowed(0, 1, 0, 1) },
  {
    ...plain,
    name: "shadows beside sequences without, grouped heads",
    heads: 6,
    headNorm: true,
    lengths: [13, 11, 24],
    spans: [...shadowed(0, 9, 3, 4), wholeSpan(1, 11), ...shadowed(2, 17, 10, 7)],
  },
  {
    ...plain,
    name: "shadows whose twins cross tiles and chunks",
    width: 16,
    rotary: 4,
    heads: 4,
    lengths: [203],
    spans: shadowed(0, 133, 60, 70),
  },
  {
    ...plain,
    name: "shadows, bf16, keys and values in f16",
    hidden: 40,
    heads: 4,
    width: 16,
    rotary: 4,
    headNorm: true,
    quantized: "bf16",
    cache: "f16",
    lengths: [5, 108],
    spans: [...shadowed(1, 75, 40, 33), wholeSpan(0, 5)],
  },
];
const shapes: readonly Shape[] = [
  { ...plain, name: "one token", lengths: [1], spans: [wholeSpan(0, 1)] },
  { ...plain, name: "bidirectional", lengths: [17], spans: [wholeSpan(0, 17)] },
  { ...plain, name: "grouped heads", heads: 6, kvHeads: 2, lengths: [9], spans: [wholeSpan(0, 9)] },
  { ...plain, name: "head norms", headNorm: true, lengths: [9], spans: [wholeSpan(0, 9)] },
  {
    ...plain,
    name: "biases and half rotation",
    bias: true,
    rotary: 4,
    lengths: [9],
    spans: [wholeSpan(0, 9)],
  },
  {
    ...plain,
    name: "several sequences",
    lengths: [5, 1, 12],
    spans: [wholeSpan(2, 12), wholeSpan(0, 5), wholeSpan(1, 1)],
  },
  {
    ...plain,
    name: "causal, and blocks of 4 on two grids",
    lengths: [7, 11, 13],
    spans: [
      { ...wholeSpan(0, 7), maskBlock: 1 },
      { ...wholeSpan(1, 11), maskBlock: 4 },
      { ...wholeSpan(2, 13), maskBlock: 4, origin: 6 },
    ],
  },
  {
    ...plain,
    name: "keys and values in f16",
    cache: "f16",
    headNorm: true,
    lengths: [5, 23],
    spans: [{ ...wholeSpan(1, 23), maskBlock: 4, origin: 3 }, wholeSpan(0, 5)],
  },
  {
    ...plain,
    name: "wide heads, keys and values in f16",
    cache: "f16",
    width: 20,
    lengths: [9],
    spans: [wholeSpan(0, 9)],
  },
  {
    ...plain,
    name: "bf16, keys and values in f16",
    hidden: 40,
    heads: 4,
    kvHeads: 2,
    width: 16,
    rotary: 16,
    headNorm: true,
    quantized: "bf16",
    cache: "f16",
    lengths: [5, 33],
    spans: [{ ...wholeSpan(1, 33), maskBlock: 8, origin: 3 }, wholeSpan(0, 5)],
  },
  {
    ...plain,
    name: "q8_0",
    hidden: 96,
    heads: 3,
    kvHeads: 1,
    width: 10,
    rotary: 10,
    bias: true,
    quantized: "q8_0",
    lengths: [5, 9],
    spans: [wholeSpan(0, 5), wholeSpan(1, 9)],
  },
  {
    ...plain,
    name: "q4_k",
    hidden: 256,
    bias: true,
    quantized: "q4_k",
    lengths: [5, 9],
    spans: [wholeSpan(0, 5), wholeSpan(1, 9)],
  },
  {
    ...plain,
    name: "keys visible to a limit",
    lengths: [16],
    spans: [{ ...wholeSpan(0, 9), visible: 12, maskBlock: 8 }],
  },
  ...shadowShapes,
  ...branchShapes,
];

export function attentionCases(surroundings: Surroundings): readonly Case[] {
  return shapes.map((shape, index) => ({
    name: `qkv and attention: ${shape.name}`,
    run: async () => {
      const random = generator(100 + index);
      const { hidden, heads, kvHeads, width, rotary, lengths, spans } = shape;
      const rows = (heads + 2 * kvHeads) * width;
      const longest = Math.max(...spans.map((span) => firstPosition(span) + span.end - span.start));
      const weight = (rowCount: number, columns: number, scale = 1): Weight => {
        const data = matrix(random, rowCount, columns, scale);
        const stored = { shape: columns === 1 ? [rowCount] : [rowCount, columns], data };
        return quantize(stored, shape.quantized);
      };
      const weights: Record<string, Weight> = {
        embedding: weight(vocabulary, hidden, 1000),
        norm: weight(hidden, 1),
        qkv: weight(rows, hidden, 0.2),
        bias: weight(rows, 1),
        queryNorm: weight(width, 1),
        keyNorm: weight(width, 1),
        rope: { shape: [longest, rotary], data: await ropeData(longest, rotary) },
      };
      const slots = lengths.map((length) => Array.from({ length }, () => Math.floor(random() * vocabulary)));
      const scale = 1 / Math.sqrt(width);
      const experiment: Experiment = {
        weights,
        hidden,
        slots,
        spans,
        body: (b, x, w) => {
          const query = b.boundary("query", ["tokens", heads * width]);
          const keys = b.cache("keys", kvHeads * width, shape.cache);
          const values = b.cache("values", kvHeads * width, shape.cache);
          b.node(
            "qkv",
            "qkv",
            {
              x,
              norm: w("norm"),
              weight: w("qkv"),
              bias: shape.bias ? w("bias") : undefined,
              queryNorm: shape.headNorm ? w("queryNorm") : undefined,
              keyNorm: shape.headNorm ? w("keyNorm") : undefined,
              rope: w("rope"),
              keys,
              values,
            },
            { query, normed: b.scratch("normed", ["tokens", hidden]) },
            { heads, kvHeads, headDimension: width, rotaryDimension: rotary, epsilon },
          );
          const attnOutput = b.boundary("attnOutput", ["tokens", heads * width]);
          const attributes = { heads, kvHeads, headDimension: width, scale };
          b.node("attention", "attention", { query, keys, values }, { attnOutput }, attributes);
        },
      };
      const { values: found } = await run(
        surroundings.backend,
        experiment,
        "query",
        "keys",
        "values",
        "attnOutput",
      );

      const expected = reference(shape, weights, slots, rotatedBy(spans));
      // What is kept in f16 has 11 bits; attention is over what is kept.
      const isRounded = shape.quantized !== undefined || shape.cache === "f16";
      const tolerance = toleranceOf(surroundings, isRounded, 2e-5);
      const kept = shape.cache === "f16" ? Math.max(1e-3, tolerance) : tolerance;
      // Scores multiply what queries and keys are rounded by.
      const attended = isRounded ? 5 * tolerance : tolerance;
      let row = 0;
      for (const span of spans) {
        const base = slotBase(slots, span.slot);
        for (let position = span.start; position < span.end; position++, row++) {
          const want = expected[span.slot]![position]!;
          const at = `slot ${span.slot}, position ${position}`;
          const slice = (data: Float32Array, index: number, size: number) =>
            data.subarray(index * size, (index + 1) * size);
          near(slice(found.query, row, heads * width), want.query.flat(), tolerance, `${at}: query`);
          near(slice(found.keys, base + position, kvHeads * width), want.keys.flat(), kept, `${at}: key`);
          near(
            slice(found.values, base + position, kvHeads * width),
            want.values.flat(),
            kept,
            `${at}: value`,
          );
          const pool = (data: Float32Array, key: number) =>
            toRows(slice(data, base + key, kvHeads * width), width);
          const keptRows = expected[span.slot]!.map((each, key) =>
            shape.cache === "f16" && key < span.end
              ? { ...each, keys: pool(found.keys, key), values: pool(found.values, key) }
              : each,
          );
          const seen = keptRows.filter((_, key) => sees(span, position, key) && key < span.end);
          const attnOutput = want.query.flatMap((query, head) => {
            const shared = Math.floor((head * kvHeads) / heads);
            const keys = seen.map((each) => each.keys[shared]!);
            return attend(
              query,
              keys,
              seen.map((each) => each.values[shared]!),
              scale,
            );
          });
          // Keys between a span's end and its limit of visibility hold what another pass left: zeros in a new pool.
          const unwritten = Math.max(0, limit(span, position) - span.end);
          const withZeros =
            unwritten === 0 ? attnOutput : attendedWithZeros(want.query, seen, unwritten, shape, scale);
          near(slice(found.attnOutput, row, heads * width), withZeros, attended, `${at}: attention`);
        }
      }
    },
  }));
}

interface Projected {
  readonly query: readonly (readonly number[])[];
  readonly keys: readonly (readonly number[])[];
  readonly values: readonly (readonly number[])[];
}

function reference(
  shape: Shape,
  weights: Readonly<Record<string, Weight>>,
  slots: readonly (readonly number[])[],
  rotation: (slot: number, position: number) => number,
) {
  const { hidden, heads, kvHeads, width, rotary } = shape;
  const embedding = toRows(weights["embedding"]!.data, hidden);
  const matrixRows = toRows(weights["qkv"]!.data, hidden);
  const list = (symbol: string) => Array.from(weights[symbol]!.data);
  return slots.map((tokens, slot) =>
    tokens.map((token, position): Projected => {
      const normed = rmsNorm(embedding[token]!, list("norm"), epsilon);
      const all = linear(normed, matrixRows, shape.bias ? list("bias") : undefined);
      const headsFrom = (first: number, count: number) =>
        Array.from({ length: count }, (_, head) =>
          all.slice((first + head) * width, (first + head + 1) * width),
        );
      const placed = (head: readonly number[], norm: string) =>
        rotate(
          shape.headNorm ? rmsNorm(head, list(norm), epsilon) : head,
          rotation(slot, position),
          rotary,
          theta,
        );
      return {
        query: headsFrom(0, heads).map((head) => placed(head, "queryNorm")),
        keys: headsFrom(heads, kvHeads).map((head) => placed(head, "keyNorm")),
        values: headsFrom(heads + kvHeads, kvHeads),
      };
    }),
  );
}

/** The position by which a position of a slot is rotated: its own, or that of its twin. */
function rotatedBy(spans: readonly Span[]) {
  return (slot: number, position: number): number => {
    const own = spans.find((span) => span.slot === slot && position >= span.start && position < span.end);
    return own ? firstPosition(own) + position - own.start : position;
  };
}

function limit(span: Span, position: number): number {
  let keys = 0;
  while (keys < span.visible && sees(span, position, keys)) keys++;
  return keys;
}

function attendedWithZeros(
  query: Projected["query"],
  seen: readonly Projected[],
  count: number,
  { heads, kvHeads, width }: Shape,
  scale: number,
): readonly number[] {
  const zeros = Array.from({ length: count }, () => Array<number>(width).fill(0));
  return query.flatMap((one, head) => {
    const shared = Math.floor((head * kvHeads) / heads);
    const keys = [...seen.map((each) => each.keys[shared]!), ...zeros];
    return attend(one, keys, [...seen.map((each) => each.values[shared]!), ...zeros], scale);
  });
}

async function ropeData(context: number, rotary: number): Promise<Float32Array> {
  const { pieces } = ropeTable(context, { rotaryDimension: rotary, ropeTheta: theta });
  const bytes = await pieces[0]!.source.read(0, pieces[0]!.bytes);
  return new Float32Array(bytes.slice().buffer);
}
