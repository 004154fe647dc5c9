/** A device that is really destroyed, at any of its submissions: the same output, or a typed error, and no waiting. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { webgpu } from "../../src/backends/webgpu/index.ts";
import { type DecodeLoop, Engine, type GenerateEvent, type GenerateRequest } from "../../src/core/index.ts";
import { comparableEvents } from "../support/comparableEvents.ts";
import { type CountedDevice, countingDevice, makeDevice } from "../support/countingDevice.ts";
import { filesOnDisk } from "../support/surroundings.ts";

// Dense, as each device that is destroyed compiles its kernels again.
const source = filesOnDisk.model("llada");
const request: GenerateRequest = {
  tokens: [5, 17, 42, 8],
  genLength: 16,
  blockLength: 8,
  seed: 3,
  decoder: { name: "fixed", steps: 4 },
  cache: { name: "dual" },
};
const pointsEach = 5;
const loops = ["host", "device"] as const;

const loss: fc.Arbitrary<Loss> = fc.record({
  share: fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000),
  when: fc.constantFrom("before", "after"),
});

/** What replaces lost devices, so that it need not compile in every test. */
let other: CountedDevice;
beforeAll(async () => {
  other = countingDevice(await makeDevice());
});
afterAll(() => other.device.destroy());

interface Loss {
  /** The submission at which the device is destroyed, as a share of all. */
  readonly share: number;
  /** Just before the submission, or just after. */
  readonly when: "before" | "after";
}
interface Run {
  readonly events: readonly unknown[];
  readonly recovered: number;
  readonly made: number;
  /** Submissions of the load, and of the generation. */
  readonly loading: number;
  readonly submits: number;
}

/** @param first the device to begin with */
async function run(loop: DecodeLoop, { device, counts }: CountedDevice): Promise<Run> {
  let made = 0;
  const before = counts.submits;
  const factory = async () => (made++ === 0 ? device : other.device);
  // Without the self-test, whose submissions are none of the generation's.
  const backend = webgpu({ device: factory, selfTest: false });
  const engine = await Engine.load(source, { backend, decodeLoop: loop, stepsPerSubmission: 2 });
  const loaded = counts.submits;
  const events: GenerateEvent[] = [];
  for await (const event of engine.generate(request)) events.push(event);
  await engine.dispose();
  const recovered = events.filter(({ type }) => type === "recovered").length;
  return {
    events: comparableEvents(events),
    recovered,
    made,
    loading: loaded - before,
    submits: counts.submits - loaded,
  };
}

describe.each(loops)("loop on the %s", (loop) => {
  let undisturbed: Run;
  beforeAll(async () => {
    undisturbed = await run(loop, other);
  });
  const losses = fc.sample(loss, { numRuns: pointsEach, seed: loop === "host" ? 1 : 2 });

  test.each(losses)(
    "destroyed at $share of its submissions, just $when one: the same output",
    async (loss) => {
      expect(undisturbed.submits).toBeGreaterThan(3);
      const at = undisturbed.loading + 1 + Math.floor(loss.share * undisturbed.submits);
      const device = await makeDevice();
      const losing = countingDevice(device, (submit) => {
        if (submit !== at) return;
        if (loss.when === "before") device.destroy();
        else queueMicrotask(() => device.destroy());
      });
      const { events, recovered, made } = await run(loop, losing);
      expect(events).toEqual(undisturbed.events);
      expect([made, recovered]).toEqual([2, 1]);
    },
  );
});

describe("a bare device", () => {
  test("that is lost already is refused", async () => {
    const device = await makeDevice();
    device.destroy();
    const loading = Engine.load(source, { backend: webgpu({ device: async () => device }) });
    await expect(loading).rejects.toMatchObject({ code: "device-lost" });
  });

  test("that is lost in a generation ends it with an error, as does the next one", async () => {
    const own = await makeDevice();
    const { device, counts } = countingDevice(own, (submit) => {
      if (submit === 3) own.destroy();
    });
    const backend = webgpu({ device: async () => device, selfTest: false });
    const engine = await Engine.load(source, { backend });
    const generation = async () => {
      for await (const _ of engine.generate(request));
    };
    await expect(generation()).rejects.toMatchObject({ code: "device-lost" });
    expect(counts.submits).toBe(3);
    await expect(generation()).rejects.toMatchObject({ code: "device-lost" });
    await engine.dispose();
  });

  test.each(["weights are written", "kernels are compiled"])("that is lost while %s", async (when) => {
    const device = await makeDevice();
    const at = when === "weights are written" ? "createBuffer" : "createBindGroup";
    const method = device[at].bind(device) as (descriptor: unknown) => unknown;
    let calls = 0;
    Object.defineProperty(device, at, {
      value: (descriptor: unknown) => {
        if (++calls === 5) device.destroy();
        return method(descriptor);
      },
    });
    const loading = Engine.load(source, { backend: webgpu({ device: async () => device }) });
    await expect(loading).rejects.toMatchObject({ code: "device-lost" });
  });
});
