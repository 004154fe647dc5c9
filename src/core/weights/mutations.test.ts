/**
 * Ten thousand damaged checkpoints. Whatever is wrong with a file: a DiffusionError or sound entries, and never a read
 * outside the file.
 */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { jsonMutation, mutateJson } from "../../../test/support/jsonMutations.ts";
import { safetensors, safetensorsFile } from "../../../test/support/safetensors.ts";
import { memory } from "../../sources/memory.ts";
import { DiffusionError } from "../error.ts";
import { dtypeBytes, elementCount } from "../tensor/dtype.ts";
import { openCheckpoint, weightsFile, weightsIndexFile } from "./checkpoint.ts";
import type { TensorEntry } from "./safetensors.ts";
import type { ByteSource, ModelSource } from "./source.ts";

const RUNS = 2500;
const timeLimitMs = 20_000;
const totals = { read: 0, refused: 0 };

/** Reads outside a file are noted, because the reader could swallow an error. */
function guarded(source: ModelSource, outside: string[]): ModelSource {
  return {
    name: source.name,
    list: (signal) => source.list(signal),
    async open(name, signal) {
      const file = await source.open(name, signal);
      const read: ByteSource["read"] = (offset, length) => {
        if (!(offset >= 0 && length >= 0 && offset + length <= file.size))
          outside.push(`${length} at ${offset}`);
        return file.read(offset, length);
      };
      return { name: file.name, size: file.size, read };
    },
  };
}

async function assertReadOrRefused(files: Record<string, Uint8Array | string>): Promise<void> {
  const outside: string[] = [];
  try {
    const { tensors, bytes } = await openCheckpoint(guarded(memory(files), outside));
    const entries = [...tensors.values()];
    assertSound(entries);
    expect(entries.reduce((sum, entry) => sum + entry.bytes, 0)).toBe(bytes);
    totals.read++;
  } catch (error) {
    if (!(error instanceof DiffusionError) || error.code === "internal") throw error;
    totals.refused++;
  }
  expect(outside).toEqual([]);
}

function assertSound(entries: readonly TensorEntry[]): void {
  for (const a of entries) {
    if (a.bytes !== dtypeBytes(a.dtype, elementCount(a.shape))) throw new Error(`${a.name} has another size`);
    if (!(a.offset >= 8 && a.offset + a.bytes <= a.source.size)) throw new Error(`${a.name} is outside`);
    for (const b of entries) {
      if (a === b || a.source !== b.source || !a.bytes || !b.bytes) continue;
      if (a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes)
        throw new Error(`${a.name} overlaps`);
    }
  }
}

const tensor = fc
  .record({
    name: fc.constantFrom("a", "b", "model.layers.0.mlp.up_proj.weight", "__proto__", 'é"\\'),
    dtype: fc.constantFrom("f32" as const, "bf16" as const, "u8" as const, "i64" as const),
    shape: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
  })
  .map((t) => ({ ...t, data: new Uint8Array(dtypeBytes(t.dtype, elementCount(t.shape))) }));
const file = fc
  .uniqueArray(tensor, { selector: (t) => t.name, minLength: 1, maxLength: 4 })
  .map((tensors) => safetensors(tensors, { format: "pt" }));

const headerOf = (bytes: Uint8Array) => {
  const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return {
    text: new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)),
    data: bytes.subarray(8 + headerBytes),
  };
};

const check = <Values extends [unknown, ...unknown[]]>(property: fc.IAsyncProperty<Values>) =>
  fc.assert(property, { numRuns: RUNS });

test("bits of length and header flipped", { timeout: timeLimitMs }, () =>
  check(
    fc.asyncProperty(file, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), async (bytes, flips) => {
      const headerBits = 8 * (bytes.length - headerOf(bytes).data.length);
      for (const flip of flips) {
        const bit = flip % headerBits;
        bytes[bit >> 3]! ^= 1 << (bit & 7);
      }
      await assertReadOrRefused({ [weightsFile]: bytes });
    }),
  ),
);

test("cut off or continued", { timeout: timeLimitMs }, () =>
  check(
    fc.asyncProperty(file, fc.nat(), fc.uint8Array({ maxLength: 20 }), async (bytes, cut, tail) => {
      const start = bytes.slice(0, cut % (bytes.length + 1));
      await assertReadOrRefused({ [weightsFile]: Uint8Array.of(...start, ...tail) });
    }),
  ),
);

test("header rewritten", { timeout: timeLimitMs }, () =>
  check(
    fc.asyncProperty(file, jsonMutation, async (bytes, steps) => {
      const { text, data } = headerOf(bytes);
      await assertReadOrRefused({ [weightsFile]: safetensorsFile(mutateJson(text, steps), data) });
    }),
  ),
);

test("index rewritten", { timeout: timeLimitMs }, () => {
  const shard = (name: string) => safetensors([{ name, dtype: "f32", shape: [1], data: [1] }]);
  const index = JSON.stringify({
    metadata: { total_size: 8 },
    weight_map: { a: "one.safetensors", b: "sub/two.safetensors" },
  });
  return check(
    fc.asyncProperty(jsonMutation, async (steps) => {
      await assertReadOrRefused({
        [weightsIndexFile]: mutateJson(index, steps),
        "one.safetensors": shard("a"),
        "sub/two.safetensors": shard("b"),
      });
    }),
  );
});

afterAll(() => {
  // Mutations that never let a file pass, or always, would test one path only.
  expect(totals.read + totals.refused).toBeGreaterThanOrEqual(4 * RUNS);
  expect(totals.read).toBeGreaterThan(RUNS / 10);
  expect(totals.refused).toBeGreaterThan(RUNS);
});
