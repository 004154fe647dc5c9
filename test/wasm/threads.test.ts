import { expect, test } from "vitest";
import { wasm } from "../../src/backends/wasm/index.ts";
import { Engine, quantizations } from "../../src/core/index.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const ids = Array.from({ length: 45 }, (_, index) => (index * 7) % 90);

test.each(quantizations)("the bits do not depend on the number of threads: %s", async (quantize) => {
  const logits: (readonly Float32Array[])[] = [];
  for (const threads of [1, 2, 5]) {
    const engine = await Engine.load(filesOnDisk.tinyModel, {
      backend: wasm({ threads }),
      quantize,
    });
    // Some passes, as threads take part when they have started.
    for (let pass = 0; pass < 20; pass++) logits.push(await engine.logits(ids));
    await engine.dispose();
  }
  for (const rows of logits) expect(rows).toEqual(logits[0]);
});

test("a number of threads that is none is refused", () => {
  for (const threads of [0, 1.5, Number.NaN])
    expect(() => wasm({ threads })).toThrow(`'threads' must be a positive integer: found ${threads}`);
});
