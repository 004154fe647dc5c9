/** Runs of lanes go one after the other, end together, and know what their ops took. */
import { effect } from "@preact/signals";
import { beforeAll, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type EngineHandle, type GenerateRequest } from "../../src/core/index.ts";
import { tinyModel } from "../../test/support/tinyModel.ts";
import { cancelRun, growth, isRunning, runs, startRuns } from "./runState.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(tinyModel(), { backend: cpu() });
  return () => engine.dispose();
});

const request: GenerateRequest = { prompt: "sort 4 2 9", genLength: 8, blockLength: 8 };

/** The engine as one that has run nothing, and the requests that it gets. */
function fresh(): { readonly handle: EngineHandle; readonly requests: GenerateRequest[] } {
  const requests: GenerateRequest[] = [];
  const handle = Object.create(engine, {
    info: { value: engine.info },
    status: { value: () => engine.status() },
    tokenTexts: { value: (tokens: readonly number[]) => engine.tokenTexts(tokens) },
    generate: {
      value: (...args: Parameters<Engine["generate"]>) => {
        requests.push(args[0]);
        return engine.generate(...args);
      },
    },
  }) as EngineHandle;
  return { handle, requests };
}

test("two runs go one after the other, and a comparison on a fresh engine begins with a warm-up", async () => {
  const { handle, requests } = fresh();
  const second = { ...request, seed: 1 };
  const seen: string[] = [];
  const stop = effect(() => {
    seen.push(runs.value.map(({ status }) => status).join(" "));
  });
  await startRuns(handle, [request, second]);
  stop();
  expect([...new Set(seen.slice(1))]).toEqual([
    "waiting waiting",
    "running waiting",
    "done waiting",
    "done running",
    "done done",
  ]);
  expect(requests).toEqual([{ ...request, maxForwards: 2 }, request, second]);
  await startRuns(handle, [request, second]);
  expect(requests.slice(3)).toEqual([request, second]);
});

test("a run that has ended knows the time of each op, of its own passes alone", async () => {
  const { handle } = fresh();
  await startRuns(handle, [request]);
  const [run] = runs.value;
  const timeOf = (name: string) => run!.opTimes!.find(({ op }) => op === name)!;
  // Every pass embeds its tokens once.
  expect(timeOf("embed").dispatches).toBe(run!.recording.passes.length);
  expect(timeOf("attention").ms).toBeGreaterThan(0);
});

test("cancelling ends all runs", async () => {
  const { handle } = fresh();
  const stop = effect(() => {
    if (growth.value > 0 && runs.value[0]!.recording.frameCount > 1) cancelRun();
  });
  await startRuns(handle, [request, { ...request, decoder: { name: "fixed", steps: 8 } }]);
  stop();
  expect(runs.value.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
  expect(isRunning.value).toBe(false);
});

test("a run that fails leaves the other one alone", async () => {
  const { handle } = fresh();
  await startRuns(handle, [{ ...request, decoder: { name: "none" } }, request]);
  expect(runs.value.map(({ status }) => status)).toEqual(["failed", "done"]);
  expect(runs.value[0]!.problem!.message).toContain("none");
});
