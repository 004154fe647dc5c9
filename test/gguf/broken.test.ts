/** Broken files are refused with errors that name the file and the fault, and cost neither time nor memory. */
import { describe, expect, test } from "vitest";
import { concatenate } from "../../src/core/concatenate.ts";
import { readGgufContainer } from "../../src/core/gguf/container.ts";
import { Engine } from "../../src/core/index.ts";
import { byteSource, memory } from "../../src/sources/memory.ts";
import {
  type GgufEntry,
  type GgufFileParts,
  type GgufTensor,
  ggufBytes,
  number,
  text,
} from "../support/ggufBytes.ts";
import { llamaCppFile } from "../support/llamaCppFile.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const entries: readonly GgufEntry[] = [
  ["general.architecture", "string", "dream"],
  ["tokenizer.ggml.tokens", "array", "string", ["a", "b"]],
];
const tensor = (name: string, change: Partial<GgufTensor> = {}): GgufTensor => {
  const made = { name, shape: [4, 8], type: 0, bytes: new Uint8Array(128) };
  return { ...made, ...change };
};
const valid: GgufFileParts = { entries, tensors: [tensor("a"), tensor("b")] };
const file = (change: Partial<GgufFileParts> = {}) => ggufBytes({ ...valid, ...change });
const withEntry = (...bytes: readonly Uint8Array[]) =>
  file({ entries: [...entries, ["x", "raw", concatenate(bytes)] as const] });
const read = (bytes: Uint8Array) => readGgufContainer(byteSource("x.gguf", bytes));

test("the file that the others are broken copies of is read", async () => {
  const { metadata, tensors } = await read(file());
  expect(metadata.get("tokenizer.ggml.tokens")).toEqual(["a", "b"]);
  expect(tensors.map(({ name, shape, bytes }) => [name, shape, bytes])).toEqual([
    ["a", [4, 8], 128],
    ["b", [4, 8], 128],
  ]);
  const aligned = await read(
    file({ alignment: 64, entries: [...entries, ["general.alignment", "u32", 64]] }),
  );
  expect(aligned.tensors).toHaveLength(2);
});

const whole = file();
const headerBytes = whole.length - 256;
const truncated = [
  0,
  3,
  20,
  24,
  40,
  60,
  headerBytes - 40,
  headerBytes,
  headerBytes + 100,
  whole.length - 1,
].map((length) => [`the first ${length} bytes`, whole.subarray(0, length), "x.gguf"] as const);
const offsets: readonly (readonly [string, Uint8Array, string])[] = (
  [
    [1n, "begin where the one before ends"],
    [32n, "begin where the one before ends"],
    [127n, "begin where the one before ends"],
    [128n + 32n, "must end within"],
    [160n, "must end within"],
    [1n << 32n, "must end within"],
    [1n << 53n, "larger than any file"],
    [(1n << 63n) - 1n, "larger than any file"],
    [1n << 63n, "larger than any file"],
    [(1n << 64n) - 1n, "larger than any file"],
  ] as const
).map(([offset, message]) => {
  return [
    `a tensor at ${offset}`,
    file({ tensors: [tensor("a"), tensor("b", { offset })] }),
    message,
  ] as const;
});
const tensorTypes: readonly (readonly [string, Uint8Array, string])[] = (
  [
    [3, "Q4_1"],
    [6, "Q5_0"],
    [10, "Q2_K"],
    [13, "Q5_K"],
    [16, "IQ2_XXS"],
    [23, "IQ4_XS"],
    [26, "I32"],
    [39, "MXFP4"],
    [99, "type 99"],
    [0xffffffff, "type 4294967295"],
  ] as const
).map(([type, name]) => {
  const message = `the type of tensor "b" is not supported: found ${name}`;
  return [
    `a tensor of type ${type}`,
    file({ tensors: [tensor("a"), tensor("b", { type })] }),
    message,
  ] as const;
});
const array = (type: number, length: bigint, ...rest: readonly Uint8Array[]) =>
  withEntry(number("u32", 9), number("u32", type), number("u64", length), ...rest);
const nested = (depth: number): Uint8Array =>
  depth === 0
    ? concatenate([number("u32", 4), number("u64", 1), number("u32", 7)])
    : concatenate([number("u32", 9), number("u64", 1), nested(depth - 1)]);
const bombs: readonly (readonly [string, Uint8Array, string])[] = [
  ["2^64 tensors", file({ tensorCount: (1n << 64n) - 1n }), "at most"],
  ["a million tensors", file({ tensorCount: 1_000_000n }), "at most"],
  ["2^64 entries", file({ entryCount: (1n << 64n) - 1n }), "at most"],
  ["ten thousand entries", file({ entryCount: 10_000n }), "at most"],
  ["a list of 2^64 numbers", array(0, (1n << 64n) - 1n), "exceeds maximum"],
  ["a list of a million texts", array(8, 1_000_000n), "x.gguf"],
  ["a text of 2^64 bytes", withEntry(number("u32", 8), number("u64", (1n << 64n) - 1n)), "exceeds maximum"],
  ["a text of 9 MB", withEntry(number("u32", 8), number("u64", 9_000_000n)), "x.gguf"],
  ["lists within lists, 1000 deep", withEntry(number("u32", 9), nested(1000)), "depth"],
  [
    "a tensor of 2^40 elements",
    file({ tensors: [tensor("a", { shape: [2 ** 20, 2 ** 20] })] }),
    "must end within",
  ],
];
const others: readonly (readonly [string, Uint8Array, string])[] = [
  ["another magic", concatenate([text("x"), whole]), "must begin with 'GGUF'"],
  ["version 1", file({ version: 1 }), "its version must be 2 or 3"],
  ["big-endian", file({ version: 0x03000000 }), "big-endian"],
  ["an alignment of 48", file({ entries: [["general.alignment", "u32", 48]] }), "a power of two"],
  ["an alignment of 2^31", file({ entries: [["general.alignment", "u32", 2 ** 31]] }), "a power of two"],
  ["an alignment in words", file({ entries: [["general.alignment", "string", "32"]] }), "a power of two"],
  ["two tensors of one name", file({ tensors: [tensor("a"), tensor("a")] }), "no tensor may occur twice"],
  [
    "a tensor without dimensions",
    file({ tensors: [tensor("a", { shape: [] })] }),
    "one to 4 positive dimensions",
  ],
  [
    "five dimensions",
    file({ tensors: [tensor("a", { shape: [1, 1, 1, 4, 8] })] }),
    "one to 4 positive dimensions",
  ],
  ["an empty dimension", file({ tensors: [tensor("a", { shape: [0, 8] })] }), "one to 4 positive dimensions"],
  ["rows within a block", file({ tensors: [tensor("a", { type: 8 })] }), "whole blocks of 32 elements"],
  ["a value of an unknown type", withEntry(number("u32", 77)), "Unsupported metadata type: 77"],
  ["a list of an unknown type", array(77, 1n), "Unsupported array element type"],
];

describe.each([
  ["truncated", truncated],
  ["wrong offsets", offsets],
  ["unknown types", tensorTypes],
  ["bombs", bombs],
  ["other faults", others],
] as const)("%s", (_, cases) => {
  test.each(cases)("%s", async (_name, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({
      name: "DiffusionError",
      code: expect.stringMatching(/^(invalid-file|unsupported)$/),
      message: expect.stringContaining(message),
    });
    await expect(read(bytes)).rejects.toThrow("x.gguf");
  });
});

describe("a model whose metadata is wrong", () => {
  test.each([
    ["no architecture", /lacks 'general.architecture'/, (key: string) => key !== "general.architecture"],
    ["no number of layers", /lacks 'dream.block_count'/, (key: string) => key !== "dream.block_count"],
  ])("%s", async (_, message, keep) => {
    const bytes = await llamaCppFile(filesOnDisk.model("dream"), "dream");
    const { metadata, tensors } = await read(bytes);
    const kept = [...metadata].filter(([key]) => keep(key));
    const same = kept.flatMap(([key, value]): GgufEntry[] => {
      if (typeof value === "string") return [[key, "string", value]];
      if (typeof value === "boolean") return [[key, "bool", value]];
      return typeof value === "number" && key.includes(".")
        ? [[key, Number.isInteger(value) ? "u32" : "f32", value]]
        : [];
    });
    const all = await Promise.all(
      tensors.map(async ({ name, shape, offset, bytes: length }) => {
        return { name, shape, type: 0, bytes: bytes.slice(offset, offset + length) };
      }),
    );
    const broken = memory({ "x.gguf": ggufBytes({ entries: same, tensors: all }) });
    await expect(Engine.plan(broken)).rejects.toThrow(message);
  });
});
