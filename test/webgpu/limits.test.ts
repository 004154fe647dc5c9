/** What a device refuses, or is refused for, is told with names and sizes. */
import { describe, expect, test } from "vitest";
import {
  adapterKind,
  adapterText,
  openGpu,
  requestAdapter,
  webgpu,
} from "../../src/backends/webgpu/index.ts";
import { type ByteSource, Engine, type ModelSource } from "../../src/core/index.ts";
import { makeDevice } from "../support/countingDevice.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const load = (options: Parameters<typeof webgpu>[0]) =>
  Engine.load(filesOnDisk.tinyModel, { backend: webgpu(options) });

describe("sizes", () => {
  test("a weight's row that fits no binding", async () => {
    const loading = load({ maxBindingBytes: 64 });
    const message = expect.stringMatching(
      /^Cannot load the model as .+ takes \d+ bytes, and the device holds at most 64 in one piece; the size of .+ is fixed/,
    );
    await expect(loading).rejects.toMatchObject({ code: "out-of-memory", message });
  });

  test("a buffer that is larger than the device's largest", async () => {
    const device = await makeDevice();
    Object.defineProperty(device, "limits", {
      value: new Proxy(device.limits, {
        get: (limits, name) => (name === "maxBufferSize" ? 2_097_152 : Reflect.get(limits, name, limits)),
      }),
    });
    const message = expect.stringMatching(
      /takes \d+ bytes, and the device holds at most 2097152 in one piece/,
    );
    const backend = webgpu({ device: async () => device, selfTest: false });
    const plan = await Engine.plan(filesOnDisk.tinyModel, { backend });
    expect(plan.problem).toMatch(/it would fit with a context of at most \d+/);
    let read = 0;
    const source: ModelSource = {
      ...filesOnDisk.tinyModel,
      open: async (name, signal) => {
        const file = await filesOnDisk.tinyModel.open(name, signal);
        const counted: ByteSource["read"] = (offset, length, own) => {
          if (name.endsWith(".safetensors")) read += length;
          return file.read(offset, length, own);
        };
        return { ...file, name: file.name, size: file.size, read: counted };
      },
    };
    await expect(Engine.load(source, { backend })).rejects.toMatchObject({ code: "out-of-memory", message });
    // The header alone.
    expect(read).toBeLessThan(plan.checkpointBytes / 10);
    device.destroy();
  });

  test("a buffer that the device has no room for", async () => {
    const device = await makeDevice();
    const create = device.createBuffer.bind(device);
    Object.defineProperty(device, "createBuffer", {
      value: (descriptor: GPUBufferDescriptor) => {
        if (descriptor.label === "arena") throw new RangeError("no room");
        return create(descriptor);
      },
    });
    const message = expect.stringMatching(
      /^Cannot allocate 'arena' as the device has no room for its \d+ bytes$/,
    );
    await expect(load({ device: async () => device })).rejects.toMatchObject({
      code: "out-of-memory",
      message,
    });
    device.destroy();
  });
});

describe("adapters", () => {
  const info = (fields: Partial<GPUAdapterInfo>) =>
    ({ vendor: "", architecture: "", device: "", description: "", ...fields }) as GPUAdapterInfo;
  test.each([
    [{ vendor: "google", description: "SwiftShader Device (LLVM 16.0.0)" }, "software"],
    [{ vendor: "google", architecture: "swiftshader" }, "software"],
    [{ vendor: "mesa", description: "llvmpipe (LLVM 15.0.6, 256 bits)" }, "software"],
    [{ description: "Microsoft Basic Render Driver" }, "software"],
    [{ description: "anything", isFallbackAdapter: true }, "software"],
    [{ device: "Null backend", description: "null-backend" }, "null"],
    [{ vendor: "nvidia", architecture: "hopper", description: "NVIDIA H100 80GB HBM3" }, "hardware"],
    [{ vendor: "intel", architecture: "gen-12lp", description: "Intel(R) UHD Graphics" }, "hardware"],
    [{ vendor: "apple", architecture: "metal-3" }, "hardware"],
    [{}, "hardware"],
  ] as const)("%j is %s", (fields, kind) => {
    const own = info(fields as Partial<GPUAdapterInfo>);
    expect(adapterKind(own)).toBe(kind);
    expect(adapterText(own).endsWith(` (${kind})`)).toBe(kind !== "hardware");
  });

  test("one that computes on the CPU is told, and can be refused", async () => {
    const adapter = await requestAdapter({});
    // Here and in CI there is no other one; on a machine with a GPU there is nothing to refuse.
    if (adapterKind(adapter.info) === "hardware") return;
    expect(adapterText(adapter.info)).toMatch(/ \(software\)$/);
    const refusing = load({ allowSoftware: false });
    const message = expect.stringMatching(
      /^Cannot use WebGPU as the only adapter is no hardware: .+ \(software\)$/,
    );
    await expect(refusing).rejects.toMatchObject({ code: "unsupported", message });
  });

  test("none at all is told", async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    const message = "Cannot use WebGPU as WebGPU found no adapter";
    await expect(load({ gpu })).rejects.toMatchObject({ code: "unsupported", message });
    expect(await openGpu()).toBeDefined();
  });
});
