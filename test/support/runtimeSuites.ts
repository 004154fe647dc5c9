/** The suites that run in every runtime: Node, Deno and Chromium. */
import { cpu } from "../../src/backends/cpu/index.ts";
import { type WasmOptions, wasm } from "../../src/backends/wasm/index.ts";
import { openGpu, requestAdapter, webgpu } from "../../src/backends/webgpu/index.ts";
import { conformanceSuite } from "../suites/conformance/index.ts";
import { gpuSuite } from "../suites/gpu.ts";
import { backendSuites, type Extent } from "../suites/index.ts";
import { logitsSuite } from "../suites/logits.ts";
import { memoriesSuite } from "../suites/memories.ts";
import { cheap } from "../suites/oracleFiles.ts";
import { exactInt8Suite, productSuite } from "../suites/products.ts";
import { portableShaderSuite } from "../suites/shaders.ts";
import type { Files, Suite } from "../suites/suite.ts";
import { traceSuite } from "../suites/traces.ts";

/** One device for all suites of a process, so that its compiled pipelines are shared. */
let device: Promise<GPUDevice> | undefined;
async function makeDevice(): Promise<GPUDevice> {
  const adapter = await requestAdapter({});
  return adapter.requestDevice({
    requiredFeatures: [...adapter.features].filter((feature) => used.includes(feature)) as GPUFeatureName[],
    requiredLimits: { maxComputeWorkgroupStorageSize: adapter.limits.maxComputeWorkgroupStorageSize },
  });
}
const used = ["shader-f16", "subgroups"];
const shared = {
  device: () => {
    device ??= makeDevice();
    return device;
  },
};

/** WebGPU: every op with the kernels for hardware and for software adapters, then complete generations. */
export async function testedSuites(files: Files, extent: Extent): Promise<readonly Suite[]> {
  const kernels = (["hardware", "software"] as const).map((kind) => {
    // The self-test would repeat the tests of the ops.
    const backend = webgpu({ ...shared, kernels: kind, selfTest: false });
    const suite = conformanceSuite({ ...files, backend });
    return { ...suite, name: `${suite.name}, kernels for ${kind}` };
  });
  const hardware = { ...shared, kernels: "hardware", selfTest: false } as const;
  // By how many workgroups keep a device busy, products are split or have large tiles.
  const divided = [4, 64].map((busyWorkgroups) => {
    return { name: `for ${busyWorkgroups} workgroups`, backend: webgpu({ ...hardware, busyWorkgroups }) };
  });
  const int8 = webgpu({ ...hardware, activations: "int8", busyWorkgroups: 64 });
  const rounded = conformanceSuite({ ...files, backend: int8, activations: "int8" });
  const roundedCases = rounded.cases.filter(({ name }) => /^(qkv|project|mlp|route).*q[84]_0/.test(name));
  const sharded = conformanceSuite({ ...files, backend: webgpu({ ...shared, maxBindingBytes: 2304 }) });
  const suites = await backendSuites({ ...files, backend: webgpu(shared) }, extent);
  return [
    gpuSuite(openGpu),
    portableShaderSuite(openGpu),
    ...named("WebGPU", [
      ...kernels,
      productSuite([...divided, { name: "activations in int8", backend: int8, dtype: "q8_0" }]),
      exactInt8Suite(int8),
      { name: "conformance, activations in int8", cases: roundedCases },
      { ...sharded, name: "conformance, weights in shards" },
      ...suites,
    ]),
  ];
}

/** A part of Node's tests of the CPU backend, which is the same code in every runtime: one trace per configuration. */
export async function cpuSuites(files: Files): Promise<readonly Suite[]> {
  const surroundings = { ...files, backend: cpu() };
  const traces = await traceSuite(surroundings, cheap(0));
  return named("CPU", [conformanceSuite(surroundings), logitsSuite(surroundings), traces]);
}

/** WebAssembly: every op on one thread, on several, with a memory for each node, and with relaxed SIMD; then complete generations. */
export async function wasmSuites(files: Files, extent: Extent): Promise<readonly Suite[]> {
  const variants: Readonly<Record<string, WasmOptions>> = {
    "one thread": { threads: 1 },
    "three threads": { threads: 3 },
    "several memories": { threads: 2, maxStoredBytes: 1 },
    "relaxed SIMD": { threads: 2, relaxedSimd: true },
  };
  const ops = Object.entries(variants).map(([name, options]) => {
    const suite = conformanceSuite({ ...files, backend: wasm(options), activations: "int16" });
    return { ...suite, name: `${suite.name}, ${name}` };
  });
  // Decoders run as they are: the loop beside a host backend has every one.
  const suites = await backendSuites({ ...files, backend: wasm() }, extent, () => true);
  const several = { ...files, backend: wasm({ maxStoredBytes: 4_500_000 }) };
  const traces = await traceSuite(several, cheap(0));
  return named("WebAssembly", [
    ...ops,
    memoriesSuite(files),
    { ...traces, name: `${traces.name}, several memories` },
    ...suites,
  ]);
}

function named(backend: string, suites: readonly Suite[]): readonly Suite[] {
  return suites.map((suite) => ({ ...suite, name: `${backend}: ${suite.name}` }));
}
