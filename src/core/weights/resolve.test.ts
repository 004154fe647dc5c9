import { describe, expect, test } from "vitest";
import { safetensors, type TestTensor } from "../../../test/support/safetensors.ts";
import { byteSource, memory } from "../../sources/memory.ts";
import { dtypeBytes, type Shape } from "../tensor/dtype.ts";
import type { WeightPart, WeightSpec } from "../tensor/weight.ts";
import { openCheckpoint, weightsFile } from "./checkpoint.ts";
import { resolveWeights } from "./resolve.ts";

const tensor = (name: string, shape: Shape, dtype: TestTensor["dtype"] = "f32"): TestTensor => {
  const data = new Array(shape.reduce((a, b) => a * b, 1)).fill(0);
  return { name, shape, dtype, data };
};
const open = (...tensors: TestTensor[]) => openCheckpoint(memory({ [weightsFile]: safetensors(tensors) }));
const weight = (symbol: string, shape: Shape, ...parts: WeightPart[]): WeightSpec => ({
  symbol,
  shape,
  parts,
});
const whole = (name: string, shape: Shape) => weight(name, shape, { tensor: name, shape });
const invalid = (message: string) =>
  expect.objectContaining({ code: "invalid-weights", message: `Cannot load weights as ${message}` });
const internal = (text: string) =>
  expect.objectContaining({ code: "internal", message: expect.stringContaining(text) });

describe("entries", () => {
  test("have the specs' symbols, shapes and order, and the tensors' bytes", async () => {
    const checkpoint = await open(tensor("a", [2, 3]), tensor("b", [4], "bf16"));
    const a = checkpoint.tensors.get("a")!;
    const b = checkpoint.tensors.get("b")!;
    expect(
      resolveWeights([weight("second", [4], { tensor: "b", shape: [4] }), whole("a", [2, 3])], checkpoint),
    ).toEqual([
      {
        symbol: "second",
        shape: [4],
        dtype: "f32",
        pieces: [{ source: b.source, dtype: "bf16", tensor: "b", offset: b.offset, bytes: 8 }],
      },
      {
        symbol: "a",
        shape: [2, 3],
        dtype: "f32",
        pieces: [{ source: a.source, dtype: "f32", tensor: "a", offset: a.offset, bytes: 24 }],
      },
    ]);
  });

  test("join parts of several dtypes", async () => {
    const checkpoint = await open(tensor("q", [2, 4], "f16"), tensor("k", [1, 4]));
    const spec = weight("qk", [3, 4], { tensor: "q", shape: [2, 4] }, { tensor: "k", shape: [1, 4] });
    const [entry] = resolveWeights([spec], checkpoint);
    expect(entry?.pieces.map((piece) => [piece.tensor, piece.dtype, piece.bytes])).toEqual([
      ["q", "f16", 16],
      ["k", "f32", 16],
    ]);
  });

  test.each([
    // Files of llama.cpp have queries and keys in fewer bits than values.
    [["q4_k", "q4_k", "q6_k"], "q8_0"],
    [["q4_k", "q4_k", "q4_k"], "q4_k"],
    [["q4_k", "q4_k", "bf16"], "f32"],
    [["bf16", "bf16", "f16"], "f32"],
  ] as const)("of parts in %j are %s in memory", (dtypes, expected) => {
    const shape = [2, 256];
    const source = byteSource("x", new Uint8Array(4096));
    const tensors = dtypes.map((dtype, index) => {
      return { name: `t${index}`, dtype, shape, source, offset: 0, bytes: dtypeBytes(dtype, 512) };
    });
    const checkpoint = { files: [], bytes: 0, tensors: new Map(tensors.map((each) => [each.name, each])) };
    const spec = weight("qkv", [6, 256], ...tensors.map(({ name }) => ({ tensor: name, shape })));
    expect(resolveWeights([spec], checkpoint)[0]?.dtype).toBe(expected);
  });

  test("stack experts", async () => {
    const checkpoint = await open(tensor("e0", [3, 4]), tensor("e1", [3, 4]));
    const parts = ["e0", "e1"].map((name) => ({ tensor: name, shape: [3, 4] }));
    expect(resolveWeights([weight("experts", [2, 3, 4], ...parts)], checkpoint)[0]?.pieces).toHaveLength(2);
  });

  test("share a tensor", async () => {
    const checkpoint = await open(tensor("embed", [5, 2]));
    const part = { tensor: "embed", shape: [5, 2] };
    const [embed, head] = resolveWeights(
      [weight("embed", [5, 2], part), weight("head", [5, 2], part)],
      checkpoint,
    );
    expect(head?.pieces).toEqual(embed?.pieces);
  });

  test("take rows of the outermost dimension", async () => {
    const checkpoint = await open(tensor("fused", [6, 2, 5], "bf16"));
    const start = checkpoint.tensors.get("fused")!.offset;
    const rows = (from: number, to: number) =>
      weight(`${from}`, [to - from, 2, 5], {
        tensor: "fused",
        shape: [6, 2, 5],
        rows: { start: from, end: to },
      });
    const pieces = resolveWeights([rows(0, 2), rows(2, 6)], checkpoint).flatMap((entry) => entry.pieces);
    expect(pieces.map((piece) => [piece.offset - start, piece.bytes])).toEqual([
      [0, 40],
      [40, 80],
    ]);
  });
});

describe("the checkpoint", () => {
  test("lacks tensors", async () => {
    const checkpoint = await open(tensor("a", [1]));
    const specs = ["b", "a", "c"].map((name) => whole(name, [1]));
    expect(() => resolveWeights(specs, checkpoint)).toThrow(invalid("'b' is missing: found 1 of 3 tensors"));
  });

  test.each([[[3, 2]], [[6]], [[2, 3, 1]], [[2, 4]]])("has another shape than %j", async (shape) => {
    const checkpoint = await open(tensor("a", [2, 3]));
    expect(() => resolveWeights([whole("a", shape)], checkpoint)).toThrow(
      invalid(`'a' must have the shape ${JSON.stringify(shape)}: found [2,3]`),
    );
  });

  test.each(["f64", "i8", "u8", "i32", "u32", "i64"] as const)("has %s as a weight", async (dtype) => {
    const checkpoint = await open(tensor("a", [2], dtype));
    expect(() => resolveWeights([whole("a", [2])], checkpoint)).toThrow(
      invalid(`'a' must be of f32, f16, bf16, q8_0, q6_k, q4_k or q4_0: found ${dtype}`),
    );
  });

  test("has one tensor that nothing reads", async () => {
    const checkpoint = await open(tensor("a", [1]), tensor("bias", [1]));
    expect(() => resolveWeights([whole("a", [1])], checkpoint)).toThrow(
      invalid("the model has no place for 'bias': found 1 tensor too many"),
    );
  });

  test("has many of them", async () => {
    const checkpoint = await open(...["a", "b", "c", "d", "e", "f"].map((name) => tensor(name, [1])));
    expect(() => resolveWeights([whole("a", [1])], checkpoint)).toThrow(
      invalid("the model has no place for 'b', 'c', 'd', 2 more: found 5 tensors too many"),
    );
  });

  test("has some that may be ignored, of any dtype", async () => {
    const checkpoint = await open(
      tensor("a", [1]),
      tensor("l.0.inv_freq", [1], "f64"),
      tensor("l.1.inv_freq", [1]),
    );
    expect(resolveWeights([whole("a", [1])], checkpoint, { ignore: [/x/, /\.inv_freq$/g] })).toHaveLength(1);
  });
});

describe("a spec is a bug if", () => {
  test("its parts have fewer elements", async () => {
    const checkpoint = await open(tensor("a", [2, 4]));
    const spec = weight("w", [3, 4], { tensor: "a", shape: [2, 4] });
    expect(() => resolveWeights([spec], checkpoint)).toThrow(
      internal("its parts must fill the shape [3,4]: found 8"),
    );
  });

  test("it has no parts", async () => {
    expect(() => resolveWeights([weight("w", [1])], { tensors: new Map(), bytes: 0, files: [] })).toThrow(
      internal("found 0"),
    );
  });

  test("it is transposed", async () => {
    const checkpoint = await open(tensor("a", [2, 4]));
    const spec = weight("w", [4, 2], { tensor: "a", shape: [2, 4] });
    expect(() => resolveWeights([spec], checkpoint)).toThrow(
      internal("rows of 'a' must fill the shape [4,2]: found 4"),
    );
  });

  test.each([
    [-1, 1],
    [0, 3],
    [2, 1],
    [0, 0.5],
  ])("it has the rows %d to %d", async (start, end) => {
    const checkpoint = await open(tensor("a", [2, 4]));
    const spec = weight("w", [2, 4], { tensor: "a", shape: [2, 4], rows: { start, end } });
    expect(() => resolveWeights([spec], checkpoint)).toThrow(internal("rows must lie in 0 to 2"));
  });

  test("its symbol is there twice", async () => {
    const checkpoint = await open(tensor("a", [1]));
    expect(() => resolveWeights([whole("a", [1]), whole("a", [1])], checkpoint)).toThrow(
      internal("declared once"),
    );
  });
});
