/** Configurations of public models: the family that reads them, its conventions, and the published number of parameters. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { families, readModel } from "../../src/core/model/index.ts";
import { elementCount } from "../../src/core/tensor/dtype.ts";
import { publishedModels } from "../support/publishedModels.ts";
import { tokenizerWith } from "../support/smallModels.ts";

const elements = (all: readonly { readonly shape: readonly number[] }[]) =>
  all.reduce((sum, { shape }) => sum + elementCount(shape), 0);

test.each(publishedModels)("$id", async (published) => {
  const { config, layout } = published;
  const tensors = layout(config);
  const names = new Set(tensors.map(({ name }) => name));
  // A causal model has no mask token.
  const tokenizer = published.maskBlock === 1 ? undefined : tokenizerWith(published.mask);
  const model = await readModel({ config, tokenizer, tensors: names, same: async () => false });
  expect(model.family).toBe(published.family);
  const { maskBlock, origin = "zero", shift = 0, seeded = false, mask } = published;
  expect(model).toMatchObject({ maskBlock, origin, shift, seeded, maskToken: mask });
  expect(model.defaults.blockLength).toBe(maskBlock === Infinity ? 32 : maskBlock);

  const parts = model.weights.flatMap((spec) => spec.parts);
  const wanted = new Map(parts.map(({ tensor, shape }) => [tensor, shape]));
  expect(wanted).toEqual(new Map(tensors.map(({ name, shape }) => [name, shape])));
  const parameters = elements(model.weights);
  const decimals = String(published.parameters).split(".")[1]?.length ?? 0;
  expect(Number((parameters / 1e9).toFixed(decimals))).toBe(published.parameters);
  expect(elements(tensors)).toBe(parameters);
  if (published.tensors) expect(tensors.length).toBe(published.tensors);
  if (published.bytes) expect(2 * parameters).toBe(published.bytes);
});

test("the documentation lists every family", () => {
  const text = readFileSync(new URL("../../docs/models.md", import.meta.url), "utf8");
  for (const { name } of families)
    expect(text).toMatch(new RegExp(`^\\| ${name.replace(/[()]/g, "\\$&")} +\\|`, "m"));
});

test("every family has a published model", () => {
  expect(new Set(publishedModels.map(({ family }) => family))).toEqual(
    new Set(families.map(({ name }) => name)),
  );
});
