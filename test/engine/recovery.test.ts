/** A lost device costs time, and nothing else: what callers are told is the same as without. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateEvent, type GenerateRequest } from "../../src/core/index.ts";
import { comparableEvents } from "../support/comparableEvents.ts";
import { type Call, LosingDevices, type LossPoint } from "../support/losingDevices.ts";
import { base, collect, load, recoveries, slow, tokens } from "../support/recovering.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { anyCache, blockCausal, requests } from "./arbitraries.ts";

let calm: Engine;
beforeAll(async () => {
  calm = await load(cpu());
});
afterAll(() => calm.dispose());

describe("a device that is lost at any point of a generation", () => {
  const credit = { name: "credit", threshold: 0.6 };
  const infill = [[7, 9], { length: 5 }, [11], { minimum: 1, maximum: 4 }];
  const scenarios: Readonly<Record<string, readonly GenerateRequest[]>> = {
    "credit without a cache": [{ ...base, decoder: credit, cache: { name: "none" } }],
    "a prefix cache": [{ ...base, decoder: { name: "fixed", steps: 4 }, cache: { name: "prefix" } }],
    "a dual cache, sampled": [
      { ...base, cache: { name: "dual", refreshEvery: 3 }, temperature: 0.7, topK: 5 },
    ],
    "a vicinity cache with smoothing": [
      { ...base, decoder: { name: "threshold", threshold: 0.5 }, cache: { name: "vicinity" }, smoothing: {} },
    ],
    klass: [{ ...base, decoder: { name: "klass", steps: 5, threshold: 0.1, klThreshold: 1 } }],
    guidance: [{ ...base, decoder: { name: "margin", steps: 4 }, cfgScale: 1.5 }],
    infilling: [{ tokens, infill, decoder: { name: "fixed", steps: 6 } }],
    "a draft": [
      {
        ...base,
        draft: { tokens: [4, 6, 8, 10, 12, 14, 16, 18], remaskFraction: 0.5 },
        decoder: { name: "fixed", steps: 4 },
      },
    ],
    "blocks that are edited": [
      {
        ...base,
        blockLength: 4,
        cache: { name: "block" },
        overrides: { maskBlock: 4 },
        decoder: { name: "edit", threshold: 0.2, edit: 0.1, postSteps: 3 },
      },
    ],
    "two requests at once": [
      { ...base, decoder: credit, cache: { name: "dual" } },
      { ...base, tokens: [9, 9], decoder: { name: "entropy", steps: 5 }, cfgScale: 1, temperature: 0.7 },
    ],
  };
  const calls: readonly Call[] = ["submit", "commit", "openSlot", "closeSlot"];

  interface Point {
    readonly call: Call;
    /** Of all calls of that name in an undisturbed run. */
    readonly share: number;
    readonly silent: boolean;
  }

  async function runOn(devices: LosingDevices, together: readonly GenerateRequest[]) {
    const engine = await load(devices.factory);
    const all = await Promise.all(together.map((request) => collect(engine, request)));
    await engine.dispose();
    return all;
  }

  /** Runs the requests undisturbed; then what comes of a device that is lost must be the same. */
  async function disturber(together: readonly GenerateRequest[]) {
    const undisturbed = new LosingDevices(cpu());
    const expected = (await runOn(undisturbed, together)).map(comparableEvents);
    return async ({ call, share, silent }: Point): Promise<boolean> => {
      const at = 1 + Math.floor(share * undisturbed.calls.get(call)!);
      const devices = new LosingDevices(cpu(), (device) => (device === 0 ? { call, at, silent } : undefined));
      const found = await runOn(devices, together);
      // A loss while the last slot is closed is nobody's any more.
      if (call !== "closeSlot") expect(devices.made).toBe(2);
      expect(devices.disposed).toBe(devices.made);
      expect(found.map(comparableEvents)).toEqual(expected);
      for (const events of found) expect(recoveries(events).length).toBeLessThanOrEqual(1);
      return found.some((events) => recoveries(events).length === 1);
    };
  }
  const point = fc.record({
    call: fc.constantFrom(...calls, "submit" as const, "submit" as const),
    // Left to itself, it would mostly be one end.
    share: fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000),
    silent: fc.boolean(),
  });

  test.each(Object.entries(scenarios))("%s", async (_, together) => {
    let recovered = 0;
    const disturb = await disturber(together);
    const one = async (where: Point) => {
      if (await disturb(where)) recovered++;
    };
    await fc.assert(fc.asyncProperty(point, one), { numRuns: 10, seed: 1 });
    expect(recovered).toBeGreaterThan(2);
  });

  test("any request, in any company", async () => {
    const batch = fc.array(fc.oneof(requests(anyCache), blockCausal), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(batch, point, async (together, where) => {
        await (await disturber(together))(where);
      }),
      { numRuns: 30, seed: 2 },
    );
  });
});

test("its events stand where the loss was, and are plain data", async () => {
  const devices = new LosingDevices(cpu(), (device) =>
    device === 0 ? { call: "submit", at: 4 } : undefined,
  );
  const engine = await load(devices.factory);
  const events = await collect(engine, slow);
  const at = events.findIndex(({ type }) => type === "recovered");
  expect(events.slice(0, at).filter(({ type }) => type === "step")).toHaveLength(3);
  expect(events[at]).toEqual({ type: "recovered", attempt: 1, ms: expect.any(Number) });
  expect(events[at - 1]).toEqual({ type: "lost", reason: expect.stringMatching(/./) });
  expect(events.filter(({ type }) => type === "lost")).toHaveLength(1);
  expect(structuredClone(events)).toEqual(events);
  await engine.dispose();
});

test("stop strings are looked for in the text of the answer that started over", async () => {
  const request: GenerateRequest = {
    messages: [{ role: "user", content: "story: leo, blue bird, lake" }],
    blockLength: 8,
    stop: ["lake", "zzz"],
  };
  const run = async (point?: LossPoint) => {
    const devices = new LosingDevices(cpu(), (device) => (device === 0 ? point : undefined));
    const engine = await Engine.load(cpuSurroundings.tinyModel, { backend: devices.factory });
    const events = await collect(engine, request);
    await engine.dispose();
    return events;
  };
  const expected = comparableEvents(await run());
  const steps = expected.filter((event) => (event as GenerateEvent).type === "step").length;
  for (const at of [Math.ceil(steps / 2), steps]) {
    const events = await run({ call: "submit", at });
    expect(recoveries(events)).toHaveLength(1);
    expect(comparableEvents(events)).toEqual(expected);
  }
});

describe("a device that is lost while nothing runs", () => {
  test("is replaced for the next request, which sees nothing of it", async () => {
    const devices = new LosingDevices(cpu());
    const engine = await load(devices.factory);
    const expected = await collect(engine, slow);
    devices.lose();
    const events = await collect(engine, slow);
    expect(comparableEvents(events)).toEqual(comparableEvents(expected));
    expect(recoveries(events)).toHaveLength(0);
    expect([devices.made, devices.disposed, devices.refused]).toEqual([2, 1, 0]);
    await engine.dispose();
    expect(devices.disposed).toBe(2);
  });

  test("is replaced for a mask of logits", async () => {
    const devices = new LosingDevices(cpu(), (device) =>
      device === 0 ? { call: "submit", at: 2 } : undefined,
    );
    const engine = await load(devices.factory);
    const expected = await engine.logits(tokens);
    expect(await engine.logits(tokens)).toEqual(expected);
    devices.lose();
    expect(await engine.logits(tokens)).toEqual(expected);
    expect(devices.made).toBe(3);
    await engine.dispose();
  });

  test("is disposed with the engine", async () => {
    const devices = new LosingDevices(cpu());
    const engine = await load(devices.factory);
    devices.lose();
    await engine.dispose();
    expect([devices.made, devices.disposed]).toEqual([1, 1]);
  });
});

describe("devices that are lost again", () => {
  test("are replaced as long as something new comes of them", async () => {
    const expected = comparableEvents(await collect(calm, slow));
    // Each device comes a step further than the one before.
    const devices = new LosingDevices(cpu(), (device) => ({ call: "submit", at: device + 2 }));
    const engine = await load(devices.factory);
    const events = await collect(engine, slow);
    expect(comparableEvents(events)).toEqual(expected);
    expect(recoveries(events)).toHaveLength(31);
    expect(recoveries(events).every((event) => event.type === "recovered" && event.attempt === 1)).toBe(true);
    await engine.dispose();
  });

  test("while they catch up, or load, count as one loss up to three times", async () => {
    const expected = comparableEvents(await collect(calm, slow));
    const points: readonly LossPoint[] = [
      { call: "submit", at: 6 },
      { call: "load", at: 1 },
      { call: "submit", at: 3 },
      // Lost in the pass whose events are the first new ones.
      { call: "submit", at: 9 },
      { call: "prepare", at: 1 },
    ];
    const devices = new LosingDevices(cpu(), (device) => points[device]);
    const engine = await load(devices.factory);
    const events = await collect(engine, slow);
    expect(comparableEvents(events)).toEqual(expected);
    expect(recoveries(events)).toMatchObject([{ attempt: 2 }, { attempt: 3 }, { attempt: 2 }]);
    expect(devices.made).toBe(6);
    await engine.dispose();
    expect(devices.disposed).toBe(6);
  });

  test.each<LossPoint>([
    { call: "submit", at: 3 },
    { call: "commit", at: 2 },
    { call: "openSlot", at: 1 },
  ])("at the same $call each time are given up, with an error for all", async (point) => {
    const devices = new LosingDevices(cpu(), () => point);
    const engine = await load(devices.factory);
    const running = await Promise.allSettled([
      collect(engine, slow),
      collect(engine, slow),
      engine.logits([3]),
    ]);
    const again = await Promise.allSettled([collect(engine, slow), engine.logits([3])]);
    const outcomes = [...running.slice(0, 2), ...again];
    for (const outcome of outcomes) {
      const cause = { code: "device-lost" };
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "device-lost", cause } });
      expect((outcome as PromiseRejectedResult).reason.message).toContain("lost again after 3 replacements");
    }
    await engine.dispose();
    expect(devices.disposed).toBe(devices.made);
  });

  test("are replaced three times in a row, and not once more", async () => {
    const devices = new LosingDevices(cpu(), () => ({ call: "submit", at: 1 }));
    const engine = await load(devices.factory);
    await expect(collect(engine, slow)).rejects.toMatchObject({ code: "device-lost" });
    expect(devices.made).toBe(4);
    await engine.dispose();
  });
});
