/** What size options take, compared before any weight is read. */
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { type BackendFactory, Engine, fitsOf } from "../../src/core/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

const source = cpuSurroundings.tinyModel;

test("each choice has the sizes of an engine that is loaded with it", async () => {
  const choices = [{}, { context: 64 }, { quantize: "q8_0", cacheDType: "f16", context: 64 }] as const;
  const { fits, files, parameters, context } = await fitsOf(source, {
    backend: cpu(),
    choices: () => choices,
  });
  expect(files).toEqual(["model.safetensors"]);
  expect(fits.map(({ options }) => options)).toEqual(choices);
  for (const fit of fits) {
    const engine = await Engine.load(source, { backend: cpu(), ...fit.options });
    const { weightBytes, cacheBytes, arenaBytes } = await engine.plan();
    // A stored head counts in full until its bytes are read.
    expect(fit.weightBytes).toBeGreaterThanOrEqual(weightBytes);
    expect(fit).toMatchObject({ cacheBytes, arenaBytes, context: engine.info.context });
    expect(parameters).toBeGreaterThanOrEqual(engine.info.parameters);
    await engine.dispose();
  }
  expect(fits[0]!.context).toBe(context);
  expect(fits[2]!.weightBytes).toBeLessThan(fits[1]!.weightBytes / 3);
  expect(fits[2]!.cacheBytes).toBe(fits[1]!.cacheBytes / 2);
});

test("choices see the model, and a choice that exceeds a limit says which", async () => {
  const small: BackendFactory = async () =>
    Object.assign(await cpu()(), {
      exceededLimits: ({ body }: { body: { capacity: { positions: number } } }) =>
        body.capacity.positions > 200
          ? [{ what: "the arena", bytes: 3, limitBytes: 2, growsWith: "tokens" }]
          : [],
    });
  const { fits } = await fitsOf(source, {
    backend: small,
    choices: ({ architecture }) => [{ context: architecture.context }, { context: 100, batch: 2 }],
  });
  expect(fits[0]!.problem).toMatch(/^the arena takes 3 bytes/);
  expect(fits[1]).not.toHaveProperty("problem");
});
