/**
 * Damaged GGUF files: whatever is wrong, a DiffusionError or a model, no crash, no hang, and no read outside the file. A few
 * hundred files; ten thousand with `npm run verify`.
 */
import process from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { concatenate } from "../../src/core/concatenate.ts";
import { DiffusionError, Engine, type ModelSource } from "../../src/core/index.ts";
import { memory } from "../../src/sources/memory.ts";
import type { GgufEntry } from "../support/ggufBytes.ts";
import { llamaCppFile } from "../support/llamaCppFile.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const thorough = process.env["UNMASK_TRACES"] === "all";
const numRuns = thorough ? 10_000 : 300;
/** For one file, on a machine with much to do. A hang takes longer. */
const maxMs = 20_000;

const characters = Array.from({ length: 94 }, (_, id) => String.fromCharCode(33 + id));
const special = Array.from({ length: 32 }, (_, id) => `<|${96 + id}|>`);
const tokens = [...characters, "ab", "cd", ...special];
const tokenizer: readonly GgufEntry[] = [
  ["tokenizer.ggml.model", "string", "gpt2"],
  ["tokenizer.ggml.pre", "string", "qwen2"],
  ["tokenizer.ggml.tokens", "array", "string", tokens],
  ["tokenizer.ggml.token_type", "array", "i32", tokens.map((_, id) => (id < 96 ? 1 : 3))],
  ["tokenizer.ggml.merges", "array", "string", ["a b", "c d"]],
  ["tokenizer.chat_template", "string", "{{ messages[0].content }}"],
];
const original = await llamaCppFile(filesOnDisk.model("llada-gqa-tied"), "llada", tokenizer);
/** The part of the file that is not data. */
const headerBytes = 4096;

type Mutation =
  | { readonly kind: "bytes"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "cut"; readonly length: number }
  | { readonly kind: "remove" | "repeat"; readonly at: number; readonly count: number };

const at = fc.nat({ max: headerBytes });
/** Numbers that counts, lengths, types and offsets break at. */
const numbers = fc
  .constantFrom(
    0n,
    1n,
    9n,
    127n,
    255n,
    2n ** 16n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 1n,
  )
  .map((value) => new Uint8Array(BigUint64Array.of(value).buffer));
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({
    kind: fc.constant("bytes" as const),
    at,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant("bytes" as const), at, bytes: numbers }),
  fc.record({
    kind: fc.constant("bytes" as const),
    at,
    bytes: numbers.map((bytes) => bytes.subarray(0, 4)),
  }),
  fc.record({ kind: fc.constant("cut" as const), length: fc.nat({ max: original.length - 1 }) }),
  fc.record({
    kind: fc.constantFrom("remove" as const, "repeat" as const),
    at,
    count: fc.integer({ min: 1, max: 64 }),
  }),
);

function mutated(bytes: Uint8Array, change: Mutation): Uint8Array {
  switch (change.kind) {
    case "bytes": {
      const copy = bytes.slice();
      copy.set(
        change.bytes.subarray(0, Math.max(0, copy.length - change.at)),
        Math.min(change.at, copy.length),
      );
      return copy;
    }
    case "cut":
      return bytes.slice(0, change.length);
    case "remove":
      return concatenate([bytes.subarray(0, change.at), bytes.subarray(change.at + change.count)]);
    case "repeat":
      return concatenate([bytes.subarray(0, change.at + change.count), bytes.subarray(change.at)]);
  }
}

/** A source that notes reads outside its file, as a reader could swallow their errors. */
function guarded(bytes: Uint8Array, outside: string[]): ModelSource {
  const source = memory({ "x.gguf": bytes });
  return {
    ...source,
    async open(name, signal) {
      const file = await source.open(name, signal);
      return {
        ...file,
        read: (offset, length) => {
          if (!(offset >= 0 && length >= 0 && offset + length <= file.size))
            outside.push(`${length} at ${offset}`);
          return file.read(offset, length);
        },
      };
    },
  };
}

test("the file itself is a model", async () => {
  expect((await Engine.plan(memory({ "x.gguf": original }))).model.family).toBe("LLaDA");
});

test("a damaged file is a model or an error that says why", async () => {
  const totals = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (changes) => {
      const bytes = changes.reduce(mutated, original);
      const outside: string[] = [];
      const started = performance.now();
      try {
        const { model } = await Engine.plan(guarded(bytes, outside), { context: 16, batch: 1 });
        expect(model.family).toBe("LLaDA");
        totals.read++;
      } catch (error) {
        if (!(error instanceof DiffusionError) || error.code === "internal") throw error;
        expect(error.message).not.toMatch(/undefined|\[object/);
        totals.refused++;
      }
      expect(outside).toEqual([]);
      expect(performance.now() - started).toBeLessThan(maxMs);
    }),
    { numRuns },
  );
  // Neither outcome is rare: mutations in names of data, texts and tokens leave a model.
  expect(totals.refused).toBeGreaterThan(numRuns / 4);
  expect(totals.read).toBeGreaterThan(numRuns / 50);
}, 900_000);
