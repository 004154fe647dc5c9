/** Devices that cannot be replaced, and ends while another one is being made. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { decoder, Engine } from "../../src/core/index.ts";
import { comparableEvents } from "../support/comparableEvents.ts";
import { LosingDevices } from "../support/losingDevices.ts";
import { base, collect, load, model, slow } from "../support/recovering.ts";

let calm: Engine;
beforeAll(async () => {
  calm = await load(cpu());
});
afterAll(() => calm.dispose());

describe("a device that cannot be replaced", () => {
  test("fails what runs, what waits and what comes after", async () => {
    const devices = new LosingDevices(cpu(), () => ({ call: "submit", at: 4 }));
    let asked = 0;
    const engine = await Engine.load(model, {
      backend: async () => {
        if (asked++ > 0) throw new Error("no adapter");
        return devices.factory();
      },
      context: 40,
      cachePositions: 40,
    });
    const outcomes = await Promise.allSettled([collect(engine, slow), collect(engine, slow)]);
    outcomes.push(...(await Promise.allSettled([collect(engine, slow)])));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: {
          code: "device-lost",
          message:
            'Cannot continue as the device was lost and no replacement could be opened: found "no adapter"',
          cause: new Error("no adapter"),
        },
      });
    }
    await expect(engine.logits([3])).rejects.toMatchObject({ code: "device-lost" });
    expect(asked).toBe(2);
    await engine.dispose();
    expect(devices.disposed).toBe(1);
  });

  test("fails the load of an engine, once", async () => {
    for (const call of ["load", "prepare"] as const) {
      const devices = new LosingDevices(cpu(), () => ({ call, at: 1 }));
      await expect(load(devices.factory)).rejects.toMatchObject({ code: "device-lost" });
      expect([devices.made, devices.disposed]).toEqual([1, 1]);
    }
  });

  test("fails a request whose decoder decides otherwise when asked again", async () => {
    let calls = 0;
    const moody = decoder({
      name: "moody",
      source: "this test",
      help: "decides anew",
      parameters: {},
      needs: [],
      commit({ open }, _, out) {
        out.commit(open[0]!, 20 + calls++);
      },
    });
    const devices = new LosingDevices(cpu(), (device) =>
      device === 0 ? { call: "submit", at: 3 } : undefined,
    );
    const engine = await Engine.load(model, { backend: devices.factory, decoders: [moody] });
    const run = collect(engine, { ...base, decoder: { name: "moody" } });
    await expect(run).rejects.toMatchObject({ code: "device-lost", message: /decides otherwise/ });
    expect(comparableEvents(await collect(engine, slow))).toEqual(
      comparableEvents(await collect(calm, slow)),
    );
    await engine.dispose();
  });
});

describe("while another device is being made", () => {
  /** An engine that waits for its second device until `release`, and its request's events so far. */
  async function stuck() {
    const devices = new LosingDevices(cpu(), (device) =>
      device === 0 ? { call: "submit", at: 4 } : undefined,
    );
    const engine = await load(devices.factory);
    let release = () => {};
    const made = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      devices.beforeMaking = () => {
        resolve();
        return made;
      };
    });
    return { devices, engine, release, reached };
  }

  test("an abort ends its request at once, and no other", async () => {
    const { engine, devices, release, reached } = await stuck();
    const controller = new AbortController();
    const [running, late, draft] = [new AbortController(), controller, controller];
    const first = collect(engine, slow, running.signal);
    const second = collect(engine, slow);
    await reached;
    running.abort(new Error("enough"));
    await expect(first).rejects.toMatchObject({ code: "aborted", cause: new Error("enough") });
    const waiting = [
      collect(engine, slow, late.signal),
      collect(engine, { ...base, draft: { tokens: [4, 6, 8], remaskFraction: 0.5 } }, draft.signal),
    ];
    controller.abort();
    for (const outcome of await Promise.allSettled(waiting)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "aborted" } });
    }
    expect(devices.made).toBe(1);
    const new_ = collect(engine, base);
    release();
    expect(comparableEvents(await second)).toEqual(comparableEvents(await collect(calm, slow)));
    expect(comparableEvents(await new_)).toEqual(comparableEvents(await collect(calm, base)));
    await engine.dispose();
  });

  test("disposing ends everything, without that device, which is disposed when it comes", async () => {
    const { engine, devices, release, reached } = await stuck();
    const running = [collect(engine, slow), collect(engine, slow)];
    const outcomes = Promise.allSettled(running);
    await reached;
    const late = collect(engine, slow);
    const logits = engine.logits([3]);
    const waiting = Promise.allSettled([late, logits]);
    await engine.dispose();
    for (const outcome of [...(await outcomes), ...(await waiting)]) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "disposed" } });
    }
    expect([devices.made, devices.disposed]).toEqual([1, 1]);
    release();
    await expect.poll(() => [devices.made, devices.disposed]).toEqual([2, 2]);
  });

  test("disposing ends the reading of weights", async () => {
    let reads = 0;
    let onRead = () => {};
    const engine = await Engine.load(
      {
        ...model,
        open: async (name, signal) => {
          const file = await model.open(name, signal);
          return {
            name,
            size: file.size,
            read: (offset, length, readSignal) => {
              reads++;
              onRead();
              return file.read(offset, length, readSignal);
            },
          };
        },
      },
      {
        backend: new LosingDevices(cpu(), (device) => (device === 0 ? { call: "submit", at: 2 } : undefined))
          .factory,
      },
    );
    const before = reads;
    const reading = new Promise<void>((resolve) => {
      onRead = resolve;
    });
    const run = collect(engine, slow);
    const outcome = Promise.allSettled([run]);
    await reading;
    await engine.dispose();
    expect(await outcome).toMatchObject([{ status: "rejected", reason: { code: "disposed" } }]);
    expect(reads - before).toBeLessThan(4);
  });
});
