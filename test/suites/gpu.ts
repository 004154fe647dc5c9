/** Whether the runtime has a WebGPU that computes at all: what fails here is no fault of the backend's. */
import { equal, type Suite } from "./suite.ts";

const code = /* wgsl */ `
@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  output[id.x] = input[id.x] + 1u;
}`;
const count = 256;

/** @param open what the backend opens WebGPU with */
export function gpuSuite(open: () => Promise<GPU | undefined>): Suite {
  return { name: "WebGPU", cases: [{ name: "a kernel copies a buffer", run: () => copy(open) }] };
}

async function copy(open: () => Promise<GPU | undefined>): Promise<void> {
  const gpu = await open();
  if (!gpu) throw new Error("This runtime has no WebGPU");
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error("WebGPU has no adapter");
  const device = await adapter.requestDevice();
  const buffer = (usage: number) => device.createBuffer({ size: 4 * count, usage });
  const { COPY_DST, COPY_SRC, MAP_READ, STORAGE } = GPUBufferUsage;
  const [input, output, readback] = [STORAGE | COPY_DST, STORAGE | COPY_SRC, MAP_READ | COPY_DST].map(buffer);
  const compute = { module: device.createShaderModule({ code }) };
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute });
  const entries = [input!, output!].map((each, binding) => ({ binding, resource: { buffer: each } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });

  const values = Uint32Array.from({ length: count }, (_, index) => 3 * index);
  device.queue.writeBuffer(input!, 0, values);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(count / 64);
  pass.end();
  encoder.copyBufferToBuffer(output!, 0, readback!, 0, 4 * count);
  device.queue.submit([encoder.finish()]);
  await readback!.mapAsync(GPUMapMode.READ);
  const found = [...new Uint32Array(readback!.getMappedRange())];
  device.destroy();
  equal(
    found,
    [...values].map((value) => value + 1),
    "the copy",
  );
}
