// Writes the costs of the WebGPU kernels into docs/webgpu.md: by kernel bytes, operations and workgroups of a pass, from the
// kernels as the backend binds them. With --check it only checks that the page is up to date. Run after a build:
// node scripts/webgpuCosts.mjs [--check], and format the page.
import { readFileSync, writeFileSync } from "node:fs";
import { deviceRowBytes } from "../dist/backends/gpu/memory/weightRows.js";
import { headLayout } from "../dist/backends/gpu/ops/head/layout.js";
import { kernelsOf } from "../dist/backends/gpu/ops/kernelsOf.js";
import { quantizedRowBytes } from "../dist/backends/gpu/ops/quantizeRows.js";
import { assumedBusyWorkgroups } from "../dist/backends/gpu/products.js";
import { attentionTile } from "../dist/backends/gpu/variants.js";
import { partialLayout } from "../dist/backends/layout/index.js";
import { buildPlans, weightSpecs } from "../dist/core/model/index.js";
import { costOf, countsOf, dtypeBytes, elementsOf } from "../dist/core/tensor/index.js";

const file = new URL("../docs/webgpu.md", import.meta.url);
const [begin, end] = ["<!-- costs of kernels -->\n", "<!-- end of costs -->\n"];

const common = {
  rotaryDimension: 128,
  headDimension: 128,
  ropeTheta: 5e5,
  epsilon: 1e-5,
  context: 4096,
  qkvBias: false,
  tied: false,
};
const experts = { kind: "experts", experts: 64, topK: 8, intermediate: 1024, bias: false };
const routing = { score: "softmax", groups: 1, topGroups: 1, normalize: false, scale: 1, shared: 0 };
const models = {
  "LLaDA-8B": Object.assign(
    { vocabulary: 126464, hidden: 4096, heads: 32, kvHeads: 32, queryKeyNorm: false },
    common,
    {
      feedForward: Array(32).fill({ kind: "dense", intermediate: 12288 }),
    },
  ),
  "LLaDA-MoE-7B-A1B": Object.assign(
    { vocabulary: 157184, hidden: 2048, heads: 16, kvHeads: 16, queryKeyNorm: true },
    common,
    {
      feedForward: Array(16).fill(Object.assign({ routing }, experts)),
    },
  ),
};
const passes = [
  { name: "a step of 32 rows on a context of 512", tokens: 32, context: 512, rows: 32 },
  { name: "a refresh of 1024 rows", tokens: 1024, context: 1024, rows: 32 },
];
/** Bytes, operations in f32 and operations of `dot4I8Packed` a second, with all that the bus and the units give. */
const devices = [
  { name: "laptop", bytes: 100e9, flops: 4e12, int8: 16e12 },
  { name: "large", bytes: 4.3e12, flops: 60e12, int8: 240e12 },
];
const inF32 = {
  f16: true,
  subgroups: true,
  timestamps: false,
  software: false,
  busyWorkgroups: assumedBusyWorkgroups,
  int8Activations: false,
  bindingBytes: 2 ** 32 - 256,
  bufferBytes: 2 ** 33,
  workgroupBytes: 32768,
};

const inInt8 = Object.assign({}, inF32, { int8Activations: true });
const weightKinds = [
  { dtype: "bf16" },
  { dtype: "q8_0" },
  { dtype: "q8_0", name: "q8_0, activations in int8", capabilities: inInt8 },
  { dtype: "q4_0" },
  { dtype: "q4_0", name: "q4_0, activations in int8", capabilities: inInt8 },
];

function plansOf(architecture, dtype, capacity) {
  const layer = { expert: () => ({ gate: "", up: "", down: "" }) };
  const specs = weightSpecs(architecture, { embedding: "", finalNorm: "", head: "", layer: () => layer });
  const weights = specs.map((spec) => {
    const kept = spec.shape.length === 1 || spec.symbol.endsWith("router");
    return Object.assign({ dtype: kept ? "f32" : dtype }, spec);
  });
  return buildPlans(architecture, weights, capacity, "f16");
}

/** The kernels that run in a pass, with the bytes of what each reads and writes. */
function kernelsOfPass(architecture, { dtype, capabilities = inF32 }, { tokens, context, rows }) {
  const plans = plansOf(architecture, dtype, { tokens, rows, positions: context });
  const span = {
    slot: 0,
    start: context - tokens,
    end: context,
    visible: context,
    maskBlock: Infinity,
    origin: 0,
  };
  const counts = countsOf([span], rows, context);
  const tile = attentionTile(architecture.headDimension, capabilities);
  const attentionTiles = Math.ceil(tokens / tile.queries);
  const passCounts = {
    tokens,
    rows,
    requests: 1,
    attentionTiles,
    pairs: 0,
    divergence: false,
    distribution: false,
    mixture: false,
    candidateWords: 0,
  };
  return [plans.body, plans.head].flatMap((plan) =>
    costOf(plan, counts).flatMap((cost) => {
      const { node } = cost;
      return kernelsOf(node, contextOf(plan, node, counts, capabilities)).flatMap((spec) => {
        const [x, y = 1] = spec.workgroups(passCounts);
        if (x * y === 0) return [];
        const form = spec.forms[spec.selectForm?.(passCounts) ?? 0];
        const own = { spec, form, node, tokens, rows };
        return [
          {
            name: nameOf(own),
            workgroups: x * y,
            bytes: bytesOf(own),
            flops: flopsOf(own, cost),
            int8: form.variant?.products === "int8",
          },
        ];
      });
    }),
  );
}

function contextOf(plan, node, counts, capabilities) {
  const binding = (bytes) => ({ buffer: { size: bytes }, offset: 0, bytes, access: "write" });
  const specOf = (id) => plan.tensors[id];
  const bytes = (id) => dtypeBytes(specOf(id).dtype, elementsOf(specOf(id), counts));
  const shardOf = (id) => {
    const { dtype, shape } = specOf(id);
    const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    const all = rows * deviceRowBytes(dtype, shape.at(-1));
    // A pass reads the rows of its tokens, and the experts that some token chooses.
    const share =
      node.op === "embed"
        ? counts.tokens / rows
        : node.attributes.topK && shape.length === 3
          ? touched(node, counts)
          : 1;
    const units = node.op === "mlp" && id === node.inputs.gateUp ? shape[0] / 2 : shape[0];
    return Object.assign(binding(all * share), { first: 0, last: units });
  };
  const cacheBytes = (id) =>
    (node.op === "attention" ? counts.keys : counts.tokens) *
    dtypeBytes(specOf(id).dtype, Number(specOf(id).shape.at(-1)));
  const small = new Proxy({}, { get: () => ({ size: 0 }) });
  const state = new Proxy(sizedState(plan, node, counts, capabilities), {
    get: (sized, name) => sized[name] ?? small[name],
  });
  return {
    plan,
    capabilities,
    decoders: new Map(),
    dummyBinding: binding(0),
    state,
    tensor: (id) => binding(specOf(id).storage === "cache" ? cacheBytes(id) : bytes(id)),
    matrix: (id) => ({
      dtype: specOf(id).dtype,
      stride: Math.ceil(specOf(id).shape.at(-1) / 4),
      shards: [shardOf(id)],
    }),
    // Of the table of rotations a pass reads the rows of its tokens.
    vector: (id) =>
      id === node.inputs.rope ? binding(counts.tokens * 4 * specOf(id).shape.at(-1)) : shardOf(id),
    dtype: (id) => specOf(id).dtype,
    columns: (id) => Number(specOf(id).shape.at(-1)),
  };
}

/** State buffers whose size matters. */
function sizedState(plan, node, counts, capabilities) {
  const quantized = { size: counts.tokens * quantizedRowBytes(plan, node, capabilities) };
  if (node.op === "qkv") {
    const { heads, kvHeads, headDimension } = node.attributes;
    return { quantized, workspace: { size: 4 * counts.tokens * (heads + 2 * kvHeads) * headDimension } };
  }
  if (node.op !== "headStatistics") return { quantized };
  const last = node.attributes.vocabulary;
  const { tiles } = headLayout(last, counts.rows, [{ first: 0, last }]);
  return { partials: { size: 4 * partialLayout.words * tiles * counts.rows } };
}

/** The share of the experts that the tokens choose, if they choose evenly. */
function touched({ attributes: { experts, topK } }, { tokens }) {
  return 1 - (1 - topK / experts) ** tokens;
}

function bytesOf({ spec, form, tokens }) {
  const parts = (count, columns) => 4 * count * tokens * columns;
  const bound = spec.bindings.reduce((sum, { bytes }) => sum + bytes, 0);
  if (form.kernel === "sumParts")
    return bound + parts(spec.params[0], spec.params[1] * (form.constants.gated ? 2 : 1));
  if (form.constants?.split) return bound + parts(Math.ceil(spec.params[0] / spec.params[7]), spec.params[2]);
  return bound;
}

function flopsOf({ spec, form, node, tokens, rows }, cost) {
  const { kernel, constants = {} } = form;
  const [inFeatures, , outFeatures] = spec.params;
  const sides = constants.gated ? 2 : 1;
  if (kernel === "product") return 2 * tokens * inFeatures * outFeatures * sides;
  if (kernel === "experts") return 2 * tokens * node.attributes.topK * inFeatures * outFeatures * sides;
  if (kernel === "headTiles") return 2 * rows * inFeatures * node.attributes.vocabulary;
  return kernel === "attention" || kernel === "route" ? cost.flops : 0;
}

function nameOf({ spec, form, node }) {
  const { kernel, variant = {}, constants = {} } = form;
  const size =
    variant.products === "large"
      ? "64 × 64"
      : constants.tile_m
        ? `${constants.tile_m} × ${constants.tile_n}`
        : "";
  const split = constants.split ? `${Math.ceil(spec.params[0] / spec.params[7])} parts` : "";
  const details = [constants.gated && kernel === "product" ? "gate and up" : "", size, split]
    .filter(Boolean)
    .join(", ");
  return `${node.op}: ${kernel}${details ? ` (${details})` : ""}`;
}

/** Kernels of the same name and size, added up. */
function added(kernels) {
  const all = new Map();
  for (const { name, workgroups, bytes, flops } of kernels) {
    const sum = all.get(`${name} ${workgroups}`) ?? { name, workgroups, count: 0, bytes: 0, flops: 0 };
    sum.count++;
    sum.bytes += bytes;
    sum.flops += flops;
    all.set(`${name} ${workgroups}`, sum);
  }
  return [...all.values()];
}

function msOf({ bytes, flops, int8 }, device) {
  return 1e3 * Math.max(bytes / device.bytes, flops / (int8 ? device.int8 : device.flops));
}
const figure = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);

function table(kernels) {
  const rows = added(kernels).map((each) => {
    const times = devices.map((device) => figure(msOf(each, device)));
    return `| ${each.name} | ${each.count} | ${each.workgroups} | ${figure(each.bytes / 1e6)} | ${figure(each.flops / 1e9)} | ${times.join(" | ")} |`;
  });
  const header = `| kernel | dispatches | workgroups | MB | GFLOP | ${devices.map(({ name }) => `${name}, ms`).join(" | ")} |`;
  return [header, "| --- | --: | --: | --: | --: | --: | --: |", ...rows].join("\n");
}

function totals() {
  const rows = Object.entries(models).flatMap(([model, architecture]) =>
    passes.flatMap((pass) =>
      weightKinds.map((kind) => {
        const kernels = kernelsOfPass(architecture, kind, pass);
        const sum = (field) => kernels.reduce((total, each) => total + each[field], 0);
        const times = devices.map((device) =>
          figure(kernels.reduce((total, each) => total + msOf(each, device), 0)),
        );
        return `| ${model} | ${pass.name} | ${kind.name ?? kind.dtype} | ${kernels.length} | ${figure(sum("bytes") / 1e9)} | ${figure(sum("flops") / 1e12)} | ${times.join(" | ")} |`;
      }),
    ),
  );
  const header = `| model | pass | weights | dispatches | GB | TFLOP | ${devices.map(({ name }) => `${name}, ms`).join(" | ")} |`;
  return [header, "| --- | --- | --- | --: | --: | --: | --: | --: |", ...rows].join("\n");
}

const sections = Object.entries(models).flatMap(([model, architecture]) =>
  passes.map(
    (pass) =>
      `### ${model}, ${pass.name}\n\n${table(kernelsOfPass(architecture, { dtype: "q8_0" }, pass))}\n`,
  ),
);
const costs = `### Whole passes\n\n${totals()}\n\n${sections.join("\n")}\n`;

/** The formatter pads tables. */
const unpadded = (markdown) =>
  markdown
    .replace(/ +/g, " ")
    .replace(/-+/g, "-")
    .replace(/\n{2,}/g, "\n");
const page = readFileSync(file, "utf8");
const [before, , after] = page.split(new RegExp(`${begin}|${end}`));
if (before === undefined || after === undefined)
  throw new Error("docs/webgpu.md has no place for the costs of kernels");
const text = `${before}${begin}\n${costs}${end}${after}`;
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (unpadded(text) !== unpadded(page)) {
  console.error("docs/webgpu.md is out of date: run `npm run build && node scripts/webgpuCosts.mjs`");
  process.exit(1);
}
