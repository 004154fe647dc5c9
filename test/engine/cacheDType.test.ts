/** Keys and values in f16: half the bytes, and all else as before. */
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { runToEnd } from "../suites/run.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const load = (cacheDType?: "f32" | "f16") =>
  Engine.load(filesOnDisk.tinyModel, { backend: cpu(), ...(cacheDType && { cacheDType }) });

test("the pool takes half the bytes, and the answers stay right", async () => {
  const [wide, narrow] = [await load(), await load("f16")];
  expect(narrow.sizes.cacheBytes).toBe(wide.sizes.cacheBytes / 2);
  expect(narrow.sizes.capacity).toEqual(wide.sizes.capacity);
  const request: GenerateRequest = { messages: [{ role: "user", content: "reverse river stone cloud" }] };
  for (const cache of ["none", "prefix", "dual", "vicinity"]) {
    const answer = { ...request, decoder: { name: "threshold" }, cache: { name: cache } };
    const [one, other] = [await runToEnd(wide, answer), await runToEnd(narrow, answer)];
    expect(other.done.text).toBe("cloud stone river");
    expect(other.done.text).toBe(one.done.text);
  }
  await wide.dispose();
  await narrow.dispose();
});

test("a batch equals its rows", async () => {
  const engine = await load("f16");
  const requests = ["sort 3 1 2", "reverse: abc", "12 + 5"].map(
    (prompt): GenerateRequest => ({ prompt, genLength: 24, blockLength: 8, cache: { name: "dual" } }),
  );
  const together = await Promise.all(requests.map((request) => runToEnd(engine, request)));
  for (const [index, request] of requests.entries()) {
    const alone = await runToEnd(engine, request);
    const decided = ({ steps }: typeof alone) =>
      steps.map(({ tokens, confidences }) => [tokens, confidences]);
    expect(decided(together[index]!)).toEqual(decided(alone));
  }
  await engine.dispose();
});

test("another dtype is refused", async () => {
  await expect(load("bf16" as "f16")).rejects.toThrow(
    "Cannot load the model as 'cacheDType' must be f32 or f16: found \"bf16\"",
  );
});
