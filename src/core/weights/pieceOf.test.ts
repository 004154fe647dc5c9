/** Slices, permutations and transpositions: what is loaded is the slice of the whole matrix, as the model needs it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DType, dtypeBytes, dtypeInfo, elementCount, type Shape } from "../tensor/dtype.ts";
import type { WeightPart, WeightTransform } from "../tensor/weight.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { toF32 } from "./convert.ts";
import { loadWeights } from "./load.ts";
import { quantizeQ8 } from "./q8.ts";
import { resolveWeights } from "./resolve.ts";

type Matrix = readonly (readonly number[])[];

/** A tensor of this name and type; its bytes begin at an odd address of its file. */
function checkpointOf(shape: Shape, dtype: DType, bytes: Uint8Array): Checkpoint {
  const file = new Uint8Array(bytes.length + 4);
  file.set(bytes, 3);
  const read = async (offset: number, length: number) => file.subarray(offset, offset + length);
  const source = { name: "file", size: file.length, read };
  const entry = { name: "t", dtype, shape, source, offset: 3, bytes: bytes.length };
  return { tensors: new Map([["t", entry]]), bytes: bytes.length, files: ["file"] };
}

async function loaded(
  checkpoint: Checkpoint,
  shape: Shape,
  part: Omit<WeightPart, "tensor">,
): Promise<number[]> {
  const entries = resolveWeights([{ symbol: "w", shape, parts: [{ tensor: "t", ...part }] }], checkpoint);
  const values = new Float32Array(elementCount(shape)).fill(Number.NaN);
  await loadWeights(entries, { write: ({ element, dtype }, bytes) => toF32(bytes, dtype, values, element) });
  return [...values];
}

/** How a matrix that the model needs is stored under a transform, straight from its definition. */
function stored(matrix: Matrix, transform: WeightTransform | undefined): Matrix {
  if (transform?.kind === "transposed") return (matrix[0] ?? []).map((_, k) => matrix.map((row) => row[k]!));
  if (!transform) return matrix;
  const { kind, groupRows } = transform;
  const groups = Array.from({ length: matrix.length / groupRows }, (_, group) =>
    matrix.slice(group * groupRows, (group + 1) * groupRows),
  );
  if (kind === "halved") {
    return groups.flatMap((rows) => [0, 1].flatMap((parity) => rows.filter((_, row) => row % 2 === parity)));
  }
  return groups.flatMap((rows) =>
    Array.from({ length: groupRows / 2 }, (_, k) => [rows[k]!, rows[groupRows / 2 + k]!]).flat(),
  );
}

const transforms: readonly (WeightTransform | undefined)[] = [
  undefined,
  { kind: "transposed" },
  { kind: "interleaved", groupRows: 4 },
  { kind: "halved", groupRows: 4 },
];

test.each(transforms)("whatever the slice, with %j: it is that of the whole matrix", async (transform) => {
  const step = transform && transform.kind !== "transposed" ? transform.groupRows : 1;
  const range = (most: number) =>
    fc.tuple(fc.nat({ max: most }), fc.nat({ max: most })).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  const slices = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 }))
    .chain(([groups, width]) =>
      fc.record({
        groups: fc.constant(groups),
        width: fc.constant(width),
        rows: range(groups),
        columns: range(width),
      }),
    );
  const matches = async ({
    groups,
    width,
    rows,
    columns,
  }: {
    groups: number;
    width: number;
    rows: number[];
    columns: number[];
  }) => {
    const height = groups * step;
    const matrix = Array.from({ length: height }, (_, row) =>
      Array.from({ length: width }, (_, k) => row * width + k),
    );
    const inFile = stored(matrix, transform);
    const shape = [inFile.length, inFile[0]!.length];
    const bytes = new Uint8Array(Float32Array.from(inFile.flat()).buffer);
    const [first = 0, last = 0] = rows.map((group) => group * step);
    const [start = 0, end = 0] = columns;
    const part = {
      shape,
      ...(transform && { transform }),
      rows: { start: first, end: last },
      columns: { start, end },
    };
    const found = await loaded(checkpointOf(shape, "f32", bytes), [last - first, end - start], part);
    expect(found).toEqual(matrix.slice(first, last).flatMap((row) => row.slice(start, end)));
  };
  await fc.assert(fc.asyncProperty(slices, matches), { numRuns: 300 });
});

test("bf16 is transposed, too", async () => {
  const bytes = new Uint8Array(Uint16Array.of(0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0).buffer);
  const part = { shape: [2, 3], transform: { kind: "transposed" } } as const;
  expect(await loaded(checkpointOf([2, 3], "bf16", bytes), [3, 2], part)).toEqual([1, 4, 2, 5, 3, 6]);
});

test("columns of stacked matrices are cut in each of them, and a rank's rows of a vector are its own", async () => {
  const bytes = new Uint8Array(Float32Array.from({ length: 12 }, (_, i) => i).buffer);
  const stacked = { shape: [2, 2, 3], rows: { start: 1, end: 2 }, columns: { start: 1, end: 3 } };
  expect(await loaded(checkpointOf([2, 2, 3], "f32", bytes), [1, 2, 2], stacked)).toEqual([7, 8, 10, 11]);
  const vector = { shape: [12], rows: { start: 3, end: 6 } };
  expect(await loaded(checkpointOf([12], "f32", bytes), [3], vector)).toEqual([3, 4, 5]);
});

describe("a quantized tensor", () => {
  const shape = [4, 96];
  const blocks = quantizeQ8(
    Float32Array.from({ length: 384 }, (_, i) => Math.sin(i) * (i % 50)),
    "t",
  );
  const whole = new Float32Array(384);
  toF32(blocks, "q8_0", whole);
  const checkpoint = checkpointOf(shape, "q8_0", blocks);

  test("is cut between blocks, and its rows are permuted whole", async () => {
    const columns = { start: 32, end: 96 };
    const part = { shape, columns, transform: { kind: "interleaved", groupRows: 4 } } as const;
    const row = (index: number) => [...whole.subarray(index * 96 + 32, (index + 1) * 96)];
    expect(await loaded(checkpoint, [4, 64], part)).toEqual([row(0), row(2), row(1), row(3)].flat());
  });

  test.each([
    [
      { columns: { start: 16, end: 48 } },
      [4, 32],
      "begin and end between its blocks of 32 elements along its rows: found 16 to 48 of q8_0",
    ],
    [
      { transform: { kind: "transposed" } },
      [96, 4],
      "'t' cannot be transposed with blocks of 32 elements along its rows: found q8_0",
    ],
  ] as const)("%j would cut blocks", async (part, cut, message) => {
    await expect(loaded(checkpoint, cut, { shape, ...part })).rejects.toMatchObject({
      code: "invalid-weights",
      message: expect.stringContaining(message),
    });
  });

  test("has rows of whole blocks", async () => {
    const part = { shape: [3, 128], columns: { start: 0, end: 32 } };
    const narrow = checkpointOf([12, 16], "q8_0", new Uint8Array(dtypeBytes("q8_0", 192)));
    await expect(loaded(checkpoint, [3, 32], part)).rejects.toThrow("must have the shape [3,128]");
    await expect(loaded(narrow, [12, 16], { shape: [12, 16] })).rejects.toThrow(
      "'t' must have rows of whole blocks of 32 elements: found q8_0 of shape [12,16]",
    );
  });
});

test.each([
  [{ shape: [4], columns: { start: 0, end: 2 } }, "the dimensions for it: found [4]"],
  [{ shape: [2, 2, 2], transform: { kind: "transposed" } }, "undo 'transposed' in 't'"],
  [{ shape: [8, 2], columns: { start: 0, end: 3 } }, "its columns must lie in 0 to 2: found 0 to 3"],
  [
    { shape: [8, 2], rows: { start: 2, end: 4 }, transform: { kind: "interleaved", groupRows: 4 } },
    "in groups of 4",
  ],
  [{ shape: [6, 2], transform: { kind: "interleaved", groupRows: 4 } }, "in groups of 4"],
] as const)("%j is a bug", async (part, message) => {
  const count = elementCount(part.shape);
  const checkpoint = checkpointOf(part.shape, "f32", new Uint8Array(count * dtypeInfo("f32").blockBytes));
  await expect(loaded(checkpoint, [count], part as Omit<WeightPart, "tensor">)).rejects.toMatchObject({
    code: "internal",
    message: expect.stringContaining(message),
  });
});
