/** Llama 3's scaling of rotary positions in GGUF files: a tensor, in place of fields. */
import { expect, test } from "vitest";
import { readGgufContainer } from "../../src/core/gguf/container.ts";
import { readExactly } from "../../src/core/weights/index.ts";
import { memory } from "../../src/sources/memory.ts";
import { llamaCppFile } from "../support/llamaCppFile.ts";
import { converted } from "../support/memoryOutput.ts";
import { ids, logitsOfSource, modelOf, smallOf, sourceOf } from "../support/smallModels.ts";

const model = smallOf(ids.llama32);
const scaled = { rope_type: "llama3", factor: 32, low_freq_factor: 1, high_freq_factor: 4 };
const config = { ...model.config, rope_scaling: { ...scaled, original_max_position_embeddings: 128 } };
const source = sourceOf({ ...model, config });

async function divisorsIn(file: Uint8Array<ArrayBuffer>): Promise<readonly number[]> {
  const { tensors } = await readGgufContainer(await memory({ "x.gguf": file }).open("x.gguf"));
  const tensor = tensors.find(({ name }) => name === "rope_freqs.weight");
  if (!tensor) throw new Error("The file must have divisors");
  const bytes = await readExactly(tensor.source, tensor.offset, tensor.bytes);
  return Array.from(new Float32Array(bytes.slice().buffer));
}

test("a file of llama.cpp's converter gives the logits of the checkpoint", async () => {
  const expected = await logitsOfSource(source);
  const plain = await logitsOfSource(sourceOf(model));
  const found = await logitsOfSource(memory({ "x.gguf": await llamaCppFile(source, "llama") }));
  expect(expected.at(-1)).not.toEqual(plain.at(-1));
  for (const [row, values] of expected.entries()) {
    for (const [index, value] of values.entries()) expect(found[row]![index]).toBeCloseTo(value, 5);
  }
});

test("a conversion writes what llama.cpp's converter does, and keeps all logits", async () => {
  const gguf = await converted(source, { to: "gguf" });
  const file = await gguf.open("model.gguf");
  const [own, llamaCpp] = [
    await divisorsIn((await file.read(0, file.size)).slice()),
    await divisorsIn(await llamaCppFile(source, "llama")),
  ];
  expect(own).toHaveLength(llamaCpp.length);
  for (const [k, divisor] of llamaCpp.entries()) expect(own[k]! / divisor).toBeCloseTo(1, 6);
  expect(await logitsOfSource(gguf)).toEqual(await logitsOfSource(source));
});

test.each([
  [[1, 2], "must have 4 divisors of rotary frequencies: found 2"],
  [[1, 1, 1, -2], "must have positive 'divisors': found -2"],
])("%j is refused", async (divisors, message) => {
  const fields = { head_dim: 8, rope_scaling: { rope_type: "divisors", divisors } };
  await expect(modelOf({ ...model.config, ...fields })).rejects.toThrow(message);
});
