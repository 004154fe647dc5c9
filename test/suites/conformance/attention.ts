/** qkv and attention: projections, norms, rotation, masks, and where keys and values are written. */
import { ropeTable } from "../../../src/core/model/index.ts";
import { firstPosition, type Span } from "../../../src/core/tensor/index.ts";
import { type Case, near, type Surroundings, toleranceOf } from "../suite.ts";
import { type Shape, shapes } from "./attentionShapes.ts";
import { type Experiment, run, slotBase, type Weight } from "./harness.ts";
import { quantize } from "./quantize.ts";
import { generator, matrix } from "./random.ts";
import { attend, linear, rmsNorm, rotate, sees, toRows } from "./reference.ts";

const epsilon = 1e-5;
const theta = 10000;
const vocabulary = 19;

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
