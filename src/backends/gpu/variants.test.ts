import { describe, expect, test } from "vitest";
import { largeTile, squareTile } from "./products.ts";
import {
  attentionBytes,
  attentionTile,
  computesInInt8,
  logitsChunk,
  productIncludes,
  reduceInclude,
  rowLanes,
  tileIncludes,
  weightIncludes,
} from "./variants.ts";

describe("tiles of attention", () => {
  const widths = [4, 8, 16, 32, 64, 80, 96, 128, 192, 256];

  test.each([16_384, 32_768, 65_536, 232_448])("fit %i bytes of workgroup memory", (workgroupBytes) => {
    for (const width of widths) {
      const tile = attentionTile(width, { workgroupBytes });
      expect(attentionBytes(tile, width)).toBeLessThanOrEqual(workgroupBytes);
      // A lane of 64 holds 32 output elements at most.
      expect(tile.queries * width).toBeLessThanOrEqual(64 * 32);
      expect([8, 16, 32]).toContain(tile.keys);
    }
  });

  test("have more keys where there is more room", () => {
    for (const width of widths) {
      const [few, many] = [16_384, 65_536].map((workgroupBytes) => attentionTile(width, { workgroupBytes }));
      expect(many!.keys).toBeGreaterThanOrEqual(few!.keys);
    }
  });

  test("of the usual heads on a device with the default limits", () => {
    const workgroupBytes = 16_384;
    expect(attentionTile(32, { workgroupBytes })).toEqual({ queries: 16, keys: 32 });
    expect(attentionTile(128, { workgroupBytes }).keys).toBeGreaterThanOrEqual(8);
  });

  test("are refused with sizes where a head is too wide", () => {
    const refusing = () => attentionTile(1024, { workgroupBytes: 16_384 });
    expect(refusing).toThrow(/heads of 1024 elements .* 16384 bytes/);
  });
});

test.each([
  ["f32", true, { packs: "f32" }],
  ["f32", false, { packs: "f32" }],
  ["bf16", true, { packs: "bf16" }],
  ["f16", true, { packs: "f16.native" }],
  ["f16", false, { packs: "f16" }],
  ["q8_0", true, { weights: "q8_0" }],
  ["q4_k", false, { weights: "q4_k" }],
] as const)("weights of %s where shader-f16 is %s: %j", (dtype, f16, includes) => {
  expect(weightIncludes(dtype, { f16 })).toEqual(includes);
  const device = { f16, software: false };
  expect(tileIncludes(dtype, 64, device)).toMatchObject(includes);
  const large = { ...includes, columns: "vec4", products: "large" };
  expect(productIncludes(dtype, 64, device, { tile: largeTile, int8: false })).toEqual(large);
});

test("activations are in int8 beside q8_0 and q4_0 only, and only where that is wanted and possible", () => {
  const wanted = (["f32", "bf16", "q8_0", "q4_0", "q4_k", "q6_k"] as const).filter((dtype) =>
    computesInInt8(dtype, { int8Activations: true }),
  );
  expect(wanted).toEqual(["q8_0", "q4_0"]);
  expect(computesInInt8("q8_0", { int8Activations: false })).toBe(false);
  const includes = productIncludes(
    "q4_0",
    64,
    { f16: true, software: false },
    { tile: squareTile, int8: true },
  );
  expect(includes).toEqual({ products: "int8", int8Weights: "q4_0" });
});

test("subgroups reduce on hardware that has them", () => {
  expect(reduceInclude({ subgroups: true, software: false })).toBe("subgroups");
  expect(reduceInclude({ subgroups: false, software: false })).toBe("");
  expect(reduceInclude({ subgroups: true, software: true })).toBe("");
});

test("lanes of a row: a power of two, one where the device computes on the CPU", () => {
  expect(rowLanes(4096, { software: true })).toBe(1);
  expect([1, 256, 257, 8192].map((width) => rowLanes(width, { software: false }))).toEqual([
    64, 64, 256, 256,
  ]);
});

test("tiles pass through workgroup memory on hardware only; columns are read by four where rows allow it", () => {
  expect(tileIncludes("f32", 64, { f16: false, software: true })).toMatchObject({
    tile: "direct",
    columns: "vec4",
  });
  expect(tileIncludes("f32", 62, { f16: false, software: false })).toMatchObject({
    tile: "",
    columns: "",
  });
});

test("logits are held for one row at least, for 16 MiB at most, and for no more rows than there are", () => {
  expect(logitsChunk(2 ** 24, 8)).toBe(1);
  expect(logitsChunk(128, 8)).toBe(8);
  expect(logitsChunk(2 ** 17, 1000)).toBe(32);
});
