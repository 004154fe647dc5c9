import { describe, expect, test } from "vitest";
import { safetensors, safetensorsFile } from "../../../test/support/safetensors.ts";
import { memory } from "../../sources/memory.ts";
import { readSafetensorsHeader } from "./safetensors.ts";
import type { ByteSource } from "./source.ts";

const fileOf = (bytes: Uint8Array) => memory({ "m.safetensors": bytes }).open("m.safetensors");
const read = async (bytes: Uint8Array) => readSafetensorsHeader(await fileOf(bytes));
const error = (code: string, text: string) =>
  expect.objectContaining({ name: "DiffusionError", code, message: expect.stringContaining(text) });
const refuses = async (bytes: Uint8Array, text: string, code = "invalid-file") =>
  expect(read(bytes)).rejects.toEqual(error(code, text));
/** A header of one tensor `a`, f32 [2], with some fields replaced. */
const one = (fields: object) =>
  safetensorsFile(
    JSON.stringify({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...fields } }),
    new Uint8Array(8),
  );
/** A header written by hand. */
const raw = (header: string, dataBytes = 8) => safetensorsFile(header, new Uint8Array(dataBytes));
const entry = (dtype: string, shape: number[], start: number, end: number) =>
  JSON.stringify({ dtype, shape, data_offsets: [start, end] });

describe("a sound file", () => {
  test("gives every tensor with absolute offsets, in the order of the bytes", async () => {
    const bytes = safetensors(
      [
        { name: "b", dtype: "f32", shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
        { name: "a", dtype: "bf16", shape: [3], data: [1, 2, 3] },
        { name: "scalar", dtype: "f64", shape: [], data: [0.5] },
        { name: "none", dtype: "f16", shape: [0, 4], data: [] },
      ],
      { format: "pt" },
    );
    const source = await fileOf(bytes);
    const tensors = await readSafetensorsHeader(source);
    const dataStart = bytes.length - 38;
    expect(tensors).toEqual([
      { name: "b", dtype: "f32", shape: [2, 3], source, offset: dataStart, bytes: 24 },
      { name: "a", dtype: "bf16", shape: [3], source, offset: dataStart + 24, bytes: 6 },
      { name: "scalar", dtype: "f64", shape: [], source, offset: dataStart + 30, bytes: 8 },
      { name: "none", dtype: "f16", shape: [0, 4], source, offset: dataStart + 38, bytes: 0 },
    ]);
  });

  test("may list tensors in another order than their bytes", async () => {
    const header = `{"b":${entry("U8", [4], 4, 8)},"a":${entry("I32", [1], 0, 4)},"e":${entry("U8", [0], 4, 4)}}`;
    expect((await read(raw(header))).map((tensor) => tensor.name)).toEqual(["a", "e", "b"]);
  });

  test.each(["f64", "f32", "f16", "bf16", "i64", "i32", "i8", "u32", "u8"] as const)(
    "may hold %s",
    async (dtype) => {
      const [tensor] = await read(safetensors([{ name: "a", dtype, shape: [3], data: [1, 2, 3] }]));
      expect(tensor?.dtype).toBe(dtype);
    },
  );

  test("may be empty", async () => {
    expect(await read(raw("{}", 0))).toEqual([]);
  });

  test.each([1, 2 ** 16 - 200, 2 ** 16, 2 ** 18])(
    "may be %d bytes longer than it must be",
    async (blanks) => {
      const reads: number[] = [];
      const bytes = raw(`{"a":${entry("U8", [4], 0, 4)}}${" ".repeat(blanks)}`, 4);
      const source: ByteSource = {
        name: "long",
        size: bytes.length,
        async read(offset, length) {
          reads.push(length);
          return bytes.slice(offset, offset + length);
        },
      };
      const [tensor] = await readSafetensorsHeader(source);
      expect([tensor!.name, tensor!.offset]).toEqual(["a", bytes.length - 4]);
      expect(reads.length).toBe(blanks < 2 ** 16 - 100 ? 1 : 2);
    },
  );

  test("may have names that are properties of every object", async () => {
    const header = `{"__proto__":${entry("U8", [4], 0, 4)},"constructor":${entry("U8", [4], 4, 8)}}`;
    expect((await read(raw(header))).map((tensor) => tensor.name)).toEqual(["__proto__", "constructor"]);
    expect({}).not.toHaveProperty("dtype");
  });
});

describe("the header's length", () => {
  test("is not there", () => refuses(new Uint8Array(7), "too short for a safetensors file: found 7 bytes"));

  test("is more than the file has", () =>
    refuses(safetensorsFile("{}", new Uint8Array(), 3n), "header of 3 bytes does not fit: found 2 bytes"));

  test.each([10_000_000_000n, 2n ** 64n - 1n, 100_000_001n])(
    "of %s is refused before it is read",
    async (claimed) => {
      const source: ByteSource = {
        name: "huge",
        size: 2 ** 45,
        async read(_offset, length) {
          expect(length).toBeLessThanOrEqual(2 ** 16);
          const bytes = new Uint8Array(length);
          bytes.set(safetensorsFile("", new Uint8Array(), claimed));
          return bytes;
        },
      };
      const message = `at most 100000000 bytes: found ${claimed}`;
      await expect(readSafetensorsHeader(source)).rejects.toEqual(error("invalid-file", message));
    },
  );
});

describe("the header", () => {
  test("is not UTF-8", () =>
    refuses(safetensorsFile(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)), "not valid UTF-8"));
  test("does not begin with a brace", () => refuses(raw(" {}", 0), "must begin with '{': found byte 32"));
  test("is an array", () => refuses(raw("[]", 0), "must begin with '{'"));
  test("is not JSON", () => refuses(raw('{"a":}', 0), "not valid JSON"));
  test("has NaN", () => refuses(raw('{"a":NaN}', 0), "not valid JSON"));
  test("is empty", () => refuses(raw("", 0), "must begin with '{'"));
  test("names a tensor twice", () =>
    refuses(raw(`{"a":${entry("U8", [8], 0, 8)},"\\u0061":${entry("U8", [8], 0, 8)}}`), 'found "a"'));
  test("has metadata that are not strings", () =>
    refuses(raw('{"__metadata__":{"n":1}}', 0), "__metadata__ must map strings to strings"));
  test("has metadata that are no object", () =>
    refuses(raw('{"__metadata__":[]}', 0), "__metadata__ must map"));
});

describe("a tensor", () => {
  test("is not an object", () => refuses(raw('{"a":3}'), 'tensor "a" must be a JSON object: found 3'));
  test.each(["F8_E4M3", "BOOL", "f32", "constructor"])("of dtype %s", (dtype) =>
    refuses(one({ dtype }), `the dtype of tensor "a" is not supported: found "${dtype}"`, "unsupported"),
  );
  test("has no dtype", () =>
    refuses(one({ dtype: undefined }), 'tensor "a" must have a dtype: found undefined'));
  test.each([[-2], [1.5], ["2"], [null], [2 ** 53], [[2]]])("has dimension %j", (dimension) =>
    refuses(one({ shape: [dimension] }), 'tensor "a" must have a shape of non-negative integers'),
  );
  test("has a shape that is no array", () => refuses(one({ shape: 2 }), "must have a shape of"));
  test("has a shape that overflows", () =>
    refuses(one({ shape: [2 ** 30, 2 ** 30] }), "larger than any file"));
  test("has a shape whose dimensions are beyond doubles", () =>
    refuses(raw('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,8]}}'), "must have a shape of"));
  test("has a shape nested beyond any stack", () =>
    refuses(
      raw(`{"a":{"dtype":"F32","shape":${"[".repeat(50_000)}${"]".repeat(50_000)},"data_offsets":[0,8]}}`),
      "found a nested array",
    ));
  test.each([[[0]], [[0, 4, 8]], [[-4, 4]], [[0.5, 8.5]], ["08"], [[0, "8"]]])("has offsets %j", (offsets) =>
    refuses(one({ data_offsets: offsets }), 'tensor "a" must have two non-negative integers as data_offsets'),
  );
  test("ends before it begins", () =>
    refuses(one({ data_offsets: [8, 0] }), "data_offsets in order and within 8"));
  test("ends after the file", () =>
    refuses(one({ shape: [3], data_offsets: [0, 12] }), "in order and within 8 bytes: found [0,12]"));
  test("has more bytes than elements", () =>
    refuses(one({ shape: [1] }), "needs 4 bytes for f32 of shape [1]: found 8"));
  test("overlaps another", () =>
    refuses(
      raw(`{"a":${entry("U8", [5], 0, 5)},"b":${entry("U8", [4], 4, 8)}}`),
      'tensor "b" overlaps the one before it: found start 4 instead of 5',
    ));
  test("lies within another", () =>
    refuses(raw(`{"a":${entry("U8", [8], 0, 8)},"b":${entry("U8", [0], 4, 4)}}`), "overlaps"));
  test("leaves a hole before it", () =>
    refuses(
      raw(`{"a":${entry("U8", [3], 0, 3)},"b":${entry("U8", [4], 4, 8)}}`),
      'tensor "b" leaves a hole before it: found start 4 instead of 3',
    ));
  test("is the last and bytes follow", () =>
    refuses(
      raw(`{"a":${entry("U8", [8], 0, 8)}}`, 11),
      "its tensors must fill it: found 3 bytes after the last one",
    ));
});

test("a fired signal stops the reading", async () => {
  const reading = readSafetensorsHeader(await fileOf(one({})), AbortSignal.abort("enough"));
  await expect(reading).rejects.toMatchObject({ code: "aborted", cause: "enough" });
});
