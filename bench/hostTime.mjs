// Measures the host's time for a decode step on WebGPU: sixteen MoE layers on a device whose queue does nothing.
// Run: node bench/hostTime.mjs
import { readFileSync } from "node:fs";
import process from "node:process";
import { Engine } from "unmask";
import { memory } from "unmask/sources";
import { webgpu } from "unmask/webgpu";
import { create } from "webgpu";
import { steps } from "./support/deviceCounts.mjs";

const length = 32;
const request = {
  tokens: [5, 17, 42, 8],
  genLength: length,
  blockLength: length,
  cache: { name: "none" },
  decoder: { name: "fixed", steps: length },
};
const replace = (object, name, value) => Object.defineProperty(object, name, { value, configurable: true });

/** The small LLaDA-MoE of the tests, with its layers repeated to sixteen. */
function sixteenLayers() {
  const folder = new URL("../test/fixtures/oracle/models/llada-moe/", import.meta.url);
  const file = readFileSync(new URL("model.safetensors", folder));
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + headerBytes).toString());
  const config = JSON.parse(readFileSync(new URL("config.json", folder), "utf8"));
  const { num_hidden_layers: layersInFile } = config;
  const layers = 16;
  const tensors = {};
  const parts = [];
  let at = 0;
  const put = (name, { dtype, shape, data_offsets: [start, end] }) => {
    parts.push(file.subarray(8 + headerBytes + start, 8 + headerBytes + end));
    tensors[name] = { dtype, shape, data_offsets: [at, at + end - start] };
    at += end - start;
  };
  for (const [name, tensor] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const layer = /\.layers\.(\d+)\./.exec(name);
    if (!layer) put(name, tensor);
    for (let own = Number(layer?.[1] ?? layers); own < layers; own += layersInFile)
      put(name.replace(layer[0], `.layers.${own}.`), tensor);
  }
  const text = JSON.stringify(tensors);
  const padded = Buffer.from(text + " ".repeat(-Buffer.byteLength(text) & 7));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(padded.length));
  return memory({
    "config.json": JSON.stringify({
      ...config,
      num_hidden_layers: layers,
      moe_layer_freq: Array(layers).fill(1),
      max_position_embeddings: 256,
    }),
    "model.safetensors": new Uint8Array(Buffer.concat([size, padded, ...parts])),
  });
}

/** Whether mapped buffers contain made-up statistics; otherwise they contain zeros. */
let fakesStatistics = false;
/** Fills a mapped buffer with statistics, as nothing is computed: the same token in each row, with some confidence. */
function statistics(range) {
  if (!fakesStatistics) return range;
  const words = new Uint32Array(range);
  const floats = new Float32Array(range);
  for (let at = 0; at + 16 <= words.length; at += 16) {
    words[at] = words[at + 2] = 5;
    floats.set([1, 0.5, 0.3, 1, 1], at + 3);
    floats[at + 1] = 0.5;
    words[at + 8] = 1;
  }
  return range;
}

/** Makes a device ignore all recorded commands, submissions and maps, so that only this project's own time remains. */
function withoutWork(device, read) {
  const nothing = () => {};
  const pass = { setBindGroup: nothing, setPipeline: nothing, dispatchWorkgroups: nothing, end: nothing };
  const beginComputePass = () => ({ ...pass });
  const encoder = { beginComputePass, copyBufferToBuffer: nothing, finish: nothing };
  replace(device, "createCommandEncoder", () => ({ ...encoder }));
  const { queue } = device;
  replace(queue, "submit", nothing);
  const make = device.createBuffer.bind(device);
  replace(device, "createBuffer", (descriptor) => {
    const buffer = make(descriptor);
    if (descriptor.label === "staging") {
      const range = new ArrayBuffer(descriptor.size);
      replace(buffer, "mapAsync", async () => {});
      replace(buffer, "getMappedRange", (_, bytes) => read(range.slice(0, bytes)));
      replace(buffer, "unmap", nothing);
    }
    return buffer;
  });
  replace(device, "queue", queue);
  return device;
}

/** Dawn's object must outlive all objects that it has created. */
const gpu = create(["backend=null"]);
const adapter = await gpu.requestAdapter();
const device = withoutWork(await adapter.requestDevice(), statistics);
let backend;
const engine = await Engine.load(sixteenLayers(), {
  backend: async () => {
    // The adapter computes nothing, so the self-test would fail.
    backend = await webgpu({ device: async () => device, kernels: "hardware", selfTest: false })();
    return backend;
  },
  decodeLoop: "host",
});

/** The run with the least wall time, as other processes may use the machine. */
async function best(times, count, run) {
  let least;
  for (let index = 0; index < times; index++) {
    const start = process.cpuUsage();
    const before = performance.now();
    await run();
    const wall = performance.now() - before;
    const { user, system } = process.cpuUsage(start);
    const own = { "ms/step": wall / count, "CPU ms/step, all threads": (user + system) / 1000 / count };
    if (!least || own["ms/step"] < least["ms/step"]) least = own;
  }
  return least;
}

fakesStatistics = true;
const rows = [{ loop: "host", ...(await best(6, length, () => steps(engine, request))) }];

const [slot, end, k] = [1000, 36, 8];
await backend.openSlot({ slot, base: 0, length: 256 });
const positions = Array.from({ length }, (_, index) => index + 4);
const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const submission = Array.from({ length: k }, (_, step) => ({
  spans: [{ slot, start: 0, end, visible: end, maskBlock: Infinity, origin: 0 }],
  head: [{ span: 0, positions, shift: 0, maskToken: 120, sampling, step }],
  decisions: [{ row: 0, parameters: { steps: length } }],
}));
const block = {
  slots: [slot],
  maskToken: 120,
  decoder: "fixed",
  start: 4,
  end,
  step: 0,
  sequenceStep: 0,
  openAtStart: length,
  editable: [],
};
// Zeros are a report without steps.
fakesStatistics = false;
rows.push({ loop: `device, k = ${k}`, ...(await best(20, k, () => backend.loop.run(submission, [block]))) });
console.log(
  `Node ${process.version}, 16 MoE layers, ${length} rows of the head, ${end} tokens per pass; the best run:`,
);
console.table(rows);
await engine.dispose();
// Dawn would keep the process alive.
process.exit(0);
