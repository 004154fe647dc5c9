/** What loading tells of its stages, in this process and over a port. */
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { loadingText } from "../../src/cli/progressText.ts";
import { type BackendFactory, Engine, type LoadProgress } from "../../src/core/index.ts";
import { connected } from "../remote/ports.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const { tinyModel } = filesOnDisk;

/** The CPU backend, which says that it compiles three pipelines. */
const compiling: BackendFactory = async () => {
  const backend = await cpu()();
  const prepare = backend.prepare.bind(backend);
  backend.prepare = async (plans, options) => {
    for (const count of [0, 1, 2, 3]) options?.onCompiled?.(count, 3);
    await prepare(plans);
  };
  return backend;
};

const shown = (told: readonly LoadProgress[]) => told.map((progress) => loadingText("tiny", progress));
const stages = (told: readonly LoadProgress[]) => [...new Set(told.map(({ stage }) => stage))];

async function loaded(backend: BackendFactory): Promise<readonly LoadProgress[]> {
  const told: LoadProgress[] = [];
  const onProgress = (progress: LoadProgress) => void told.push(progress);
  await (await Engine.load(tinyModel, { backend, onProgress })).dispose();
  return told;
}

test("a backend that compiles nothing has no such stage", async () => {
  expect(stages(await loaded(cpu()))).toEqual(["weights"]);
});

test("compiling is told behind the weights, and shown on the command line", async () => {
  const told = await loaded(compiling);
  expect(stages(told)).toEqual(["weights", "compile"]);
  expect(shown(told).slice(-2)).toEqual([
    "compiling tiny: 0 of 3 pipelines",
    "compiling tiny: 3 of 3 pipelines",
  ]);
  const { loadedBytes, totalBytes } = told.at(-1)!;
  expect(loadedBytes).toBe(totalBytes);
  expect(totalBytes).toBeGreaterThan(3_000_000);
});

test("and over a port it is the same", async () => {
  const told: LoadProgress[] = [];
  const { engine } = await connected(
    (loading) => Engine.load(tinyModel, { backend: compiling, ...loading }),
    {
      onProgress: (progress) => void told.push(progress),
    },
  );
  await engine.dispose();
  expect(stages(told)).toEqual(["weights", "compile"]);
  expect(told.at(-1)).toMatchObject({ stage: "compile", compiledCount: 3, pipelineCount: 3 });
});
