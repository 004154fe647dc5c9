/** A model that config.json alone shows to be unsupported is refused before another file is opened. */
import { expect, test } from "vitest";
import { Engine, type ModelSource } from "../../src/core/index.ts";
import { memory } from "../../src/sources/memory.ts";
import type { Config } from "../support/layouts.ts";
import { failure } from "../support/loopback.ts";
import { configOf, ids } from "../support/smallModels.ts";

const { dream, llada, llada2, llama, qwen3, sdar } = ids;

/** A source with a configuration, whose other files are listed but cannot be opened. */
function sourceWith(config: Config): { readonly source: ModelSource; readonly opened: readonly string[] } {
  const files = { "config.json": JSON.stringify(config), "generation_config.json": "{}" };
  const others = [
    "tokenizer.json",
    "tokenizer_config.json",
    "model.safetensors.index.json",
    "model.safetensors",
  ];
  const opened: string[] = [];
  const held = memory(files);
  const source: ModelSource = {
    ...held,
    list: async () => [...Object.keys(files), ...others],
    open: async (name, signal) => {
      opened.push(name);
      return held.open(name, signal);
    },
  };
  return { source, opened };
}

test.each([
  [{ ...configOf(dream), expand_token_id: 3 }, "DreamOn is not supported"],
  [{ ...configOf(llada2), expert_capacity: 48 }, "LLaDA2.2 is not supported"],
  [{ ...configOf(qwen3), architectures: ["Qwen3ForSequenceClassification"] }, "its family must be one of"],
  [{ ...configOf(llama), mask_token_id: 5 }, "a causal architecture and has 'mask_token_id'"],
  [{ ...configOf(sdar), quantization_config: { bits: 4 } }, "'quantization_config' in config.json"],
  [{ ...configOf(sdar), hidden_act: "gelu" }, "'hidden_act' in config.json"],
  [{ ...configOf(llama), rope_scaling: { rope_type: "dynamic", factor: 2 } }, "'rope_type' in config.json"],
])("%j", async (config, message) => {
  const { source, opened } = sourceWith(config);
  await expect(Engine.plan(source)).rejects.toEqual(failure("unsupported", message));
  expect(opened).toEqual(["config.json", "generation_config.json"]);
});

test("a body with invalid shapes is refused before the tokenizer is opened", async () => {
  const { source, opened } = sourceWith({ ...configOf(llada), n_kv_heads: 3 });
  await expect(Engine.plan(source)).rejects.toEqual(
    failure("invalid-file", "a number of heads divisible by its key heads: found 4 and 3"),
  );
  expect(opened).not.toContain("tokenizer.json");
});
