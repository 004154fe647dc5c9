/** Damaged configurations and tokenizers: a DiffusionError or a model, whatever stands in them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { readModelFiles } from "../../src/core/engine/modelFiles.ts";
import { DiffusionError } from "../../src/core/error.ts";
import { memory } from "../../src/sources/memory.ts";
import { jsonMutation, mutateJson } from "../support/jsonMutations.ts";
import { tinyModel } from "../support/tinyModel.ts";

const files: Record<string, Uint8Array | string> = {};
const source = tinyModel();
for (const name of await source.list()) {
  const file = await source.open(name);
  files[name] = await file.read(0, file.size);
}

test.each(["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"])(
  "%s rewritten",
  { timeout: 60_000 },
  async (name) => {
    const text = new TextDecoder().decode(files[name] as Uint8Array);
    let refused = 0;
    const property = fc.asyncProperty(jsonMutation, async (steps) => {
      try {
        await readModelFiles(memory({ ...files, [name]: mutateJson(text, steps) }));
      } catch (error) {
        if (!(error instanceof DiffusionError) || error.code === "internal") throw error;
        refused++;
      }
    });
    await fc.assert(property, { numRuns: 500 });
    expect(refused).toBeGreaterThan(50);
  },
);
