/** Counts and times that an engine and its requests report. */
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { runToEnd } from "../suites/run.ts";
import { LosingDevices } from "../support/losingDevices.ts";
import { collect, load, slow } from "../support/recovering.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

const source = cpuSurroundings.model("llada-moe");
const request = (genLength: number): GenerateRequest => ({
  tokens: [5, 9, 33],
  genLength,
  blockLength: 8,
  cache: { name: "none" },
  decoder: { name: "fixed", steps: 4 },
});

test.each(["host", "device"] as const)(
  "rows of the status are the forwards of all requests, loop on the %s",
  async (decodeLoop) => {
    const engine = await Engine.load(source, { backend: cpu(), decodeLoop });
    const runs = await Promise.all([8, 16, 24].map((genLength) => runToEnd(engine, request(genLength))));
    const { rows, passes } = await engine.status();
    expect(rows).toBe(runs.reduce((sum, { done }) => sum + done.usage.forwards, 0));
    expect(passes).toBeGreaterThanOrEqual(Math.max(...runs.map(({ done }) => done.usage.forwards)));
    await engine.dispose();
  },
);

test("the time of decoding leaves out the time in the queue", async () => {
  const engine = await Engine.load(source, { backend: cpu(), context: 20, cachePositions: 20 });
  const before = performance.now();
  const [first, second] = await Promise.all(
    [16, 16].map((genLength) => runToEnd(engine, request(genLength))),
  );
  const ms = performance.now() - before;
  for (const run of [first!, second!]) {
    const { queuedMs, decodeMs } = run.done.usage;
    expect(queuedMs + decodeMs).toBeLessThanOrEqual(ms);
  }
  // The second one waits for the slots of the first.
  expect(second!.done.usage.queuedMs).toBeGreaterThanOrEqual(first!.done.usage.decodeMs);
  await engine.dispose();
});

test("three devices in a row replace lost ones, and no fourth", async () => {
  const devices = new LosingDevices(cpu(), () => ({ call: "submit", at: 1 }));
  const engine = await load(devices.factory);
  await expect(collect(engine, slow)).rejects.toMatchObject({
    code: "device-lost",
    message: "Cannot continue as the device was lost again after 3 replacements",
  });
  expect(devices.made).toBe(4);
  await engine.dispose();
});
