// Benchmarks WebGPU: ms per step of models/tiny with the decode loop on the host and on the device, and the number of
// dispatches, submits and readbacks per step.
// Run: node bench/webgpu.mjs, or deno run -A bench/webgpu.mjs (which uses src/)
import process from "node:process";
import { Engine } from "unmask";
import { adapterText, requestAdapter, webgpu } from "unmask/webgpu";
import { counting, steps } from "./support/deviceCounts.mjs";
import { tinyModel } from "./support/tinyModel.mjs";

const length = 32;
const runs = 8;
const request = {
  messages: [{ role: "user", content: "reverse: abc" }],
  genLength: length,
  blockLength: length,
  cache: { name: "none" },
  decoder: { name: "fixed", steps: length },
};

async function measure(adapter) {
  const features = ["shader-f16", "subgroups"].filter((feature) => adapter.features.has(feature));
  const { maxComputeWorkgroupStorageSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredFeatures: features,
    requiredLimits: { maxComputeWorkgroupStorageSize },
  });
  const { counts } = counting(device);
  const places = [
    { decodeLoop: "host" },
    ...[1, 4, 8].map((stepsPerSubmission) => ({ decodeLoop: "device", stepsPerSubmission })),
  ];
  const engines = [];
  for (const place of places) {
    const backend = webgpu({ device: async () => device });
    const engine = await Engine.load(tinyModel(), { backend, ...place });
    await steps(engine, request);
    engines.push({ place, engine });
  }
  // Interleaved runs, so that other load on the machine affects all engines equally.
  const best = new Map();
  for (let run = 0; run < runs; run++) {
    for (const { place, engine } of engines) {
      const before = { ...counts };
      const { count, decodeMs } = await steps(engine, request);
      const ms = decodeMs / count;
      if (ms >= (best.get(place)?.ms ?? Infinity)) continue;
      const each = (name) => (counts[name] - before[name]) / count;
      best.set(place, {
        ms,
        dispatches: each("dispatches"),
        submits: each("submits"),
        readbacks: each("maps"),
      });
    }
  }
  for (const { engine } of engines) await engine.dispose();
  const rows = [...best].map(([{ decodeLoop, stepsPerSubmission = 1 }, { ms, ...each }]) => ({
    loop: decodeLoop,
    "steps/submission": stepsPerSubmission,
    "ms/step": ms.toFixed(2),
    ...Object.fromEntries(Object.entries(each).map(([name, count]) => [name, count.toFixed(2)])),
  }));
  console.log(`models/tiny, ${length} positions in one block, no cache; the best of ${runs} runs:`);
  console.table(rows);
  device.destroy();
}

const adapter = await requestAdapter({});
const runtime = "Deno" in globalThis ? `Deno ${globalThis.Deno.version.deno}` : `Node ${process.version}`;
console.log(`${runtime}, ${adapterText(adapter.info)}`);
await measure(adapter);
// Dawn would keep the process alive.
process.exit(0);
