/** Nothing is left behind: two hundred generations have as many buffers as ten, and an engine that is disposed none. */
import { afterAll, expect, test } from "vitest";
import { webgpu } from "../../src/backends/webgpu/index.ts";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { type CountedDevice, countingDevice, makeDevice } from "../support/countingDevice.ts";
import { filesOnDisk } from "../support/surroundings.ts";

let counted: CountedDevice;
afterAll(() => counted.device.destroy());

test("200 generations", async () => {
  counted = countingDevice(await makeDevice());
  const backend = webgpu({ device: async () => counted.device });
  const engine = await Engine.load(filesOnDisk.model("llada"), { backend, context: 32 });
  const live = () => [counted.counts.liveBuffers, counted.counts.liveBytes];
  let after10: number[] = [];
  for (let index = 1; index <= 200; index++) {
    const request: GenerateRequest = {
      tokens: [index % 100, 17],
      genLength: 8,
      blockLength: 8,
      decoder: { name: "fixed", steps: 2 },
      cache: { name: index % 2 ? "dual" : "none" },
    };
    for await (const _ of engine.generate(request));
    if (index === 10) after10 = live();
  }
  expect(live()).toEqual(after10);
  expect(after10[0]).toBeGreaterThan(10);
  await engine.dispose();
  expect(live()).toEqual([0, 0]);
});
