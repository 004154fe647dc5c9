/**
 * Counts the calls of a GPUDevice. It replaces the device's methods, as implementations of WebGPU do not accept a Proxy in
 * place of their objects.
 */
import { requestAdapter } from "../../src/backends/webgpu/index.ts";

export interface DeviceCounts {
  /** Created buffers, bind groups, pipelines, shader modules, layouts and query sets. */
  objects: number;
  submits: number;
  dispatches: number;
  /** Calls of `mapAsync`, and their bytes. */
  maps: number;
  mappedBytes: number;
  /** Buffers that were created and not destroyed, and their bytes. */
  liveBuffers: number;
  liveBytes: number;
}

const makers = [
  "createBuffer",
  "createBindGroup",
  "createBindGroupLayout",
  "createPipelineLayout",
  "createComputePipeline",
  "createComputePipelineAsync",
  "createShaderModule",
  "createQuerySet",
  "createTexture",
  "createSampler",
] as const;

export interface CountedDevice {
  readonly device: GPUDevice;
  readonly counts: DeviceCounts;
  /** Dispatches by the label of bind group 1, which is the node's name. */
  readonly dispatchesOf: Map<string, number>;
  /** The calls that created objects, with labels, for error messages. */
  readonly made: string[];
  /** The counts since the last call. */
  lap(): DeviceCounts;
}

/** @param onSubmit called before each submission with its number, from 1 */
export function countingDevice(
  device: GPUDevice,
  onSubmit: (submit: number) => void = () => {},
): CountedDevice {
  const counts: DeviceCounts = {
    objects: 0,
    submits: 0,
    dispatches: 0,
    maps: 0,
    mappedBytes: 0,
    liveBuffers: 0,
    liveBytes: 0,
  };
  const dispatchesOf = new Map<string, number>();
  const made: string[] = [];
  for (const name of makers) {
    replace(device, name, (make) => (...values) => {
      counts.objects++;
      made.push(`${name} '${(values[0] as GPUObjectDescriptorBase).label}'`);
      const object = make(...values);
      if (name === "createBuffer") watchBuffer(object as GPUBuffer, counts);
      return object;
    });
  }
  replace(device, "createCommandEncoder", (make) => (...values) => {
    const encoder = make(...values) as GPUCommandEncoder;
    replace(encoder, "beginComputePass", (begin) => (...described) => {
      const pass = begin(...described) as GPUComputePassEncoder;
      let label = "";
      replace(pass, "setBindGroup", (set) => (...values) => {
        if (values[0] === 1) label = (values[1] as GPUBindGroup).label;
        return set(...values);
      });
      replace(pass, "dispatchWorkgroups", (dispatch) => (...size) => {
        counts.dispatches++;
        dispatchesOf.set(label, (dispatchesOf.get(label) ?? 0) + 1);
        return dispatch(...size);
      });
      return pass;
    });
    return encoder;
  });
  const { queue } = device;
  replace(queue, "submit", (submit) => (...values) => {
    onSubmit(++counts.submits);
    return submit(...values);
  });
  Object.defineProperty(device, "queue", { value: queue });
  let last = { ...counts };
  const lap = () => {
    const names = Object.keys(counts) as (keyof DeviceCounts)[];
    const since = Object.fromEntries(names.map((name) => [name, counts[name] - last[name]]));
    last = { ...counts };
    dispatchesOf.clear();
    made.length = 0;
    return since as unknown as DeviceCounts;
  };
  return { device, counts, dispatchesOf, made, lap };
}

function watchBuffer(buffer: GPUBuffer, counts: DeviceCounts): void {
  const { size } = buffer;
  let isLive = true;
  counts.liveBuffers++;
  counts.liveBytes += size;
  replace(buffer, "destroy", (destroy) => () => {
    if (isLive) {
      counts.liveBuffers--;
      counts.liveBytes -= size;
    }
    isLive = false;
    return destroy();
  });
  replace(buffer, "mapAsync", (map) => (...values) => {
    counts.maps++;
    counts.mappedBytes += Number(values[2] ?? size);
    return map(...values);
  });
}

type Method = (...values: unknown[]) => unknown;

function replace<T extends object>(
  object: T,
  name: keyof T & string,
  wrap: (method: Method) => Method,
): void {
  const method = (object[name] as Method).bind(object);
  Object.defineProperty(object, name, { value: wrap(method) });
}

/** A device with the optional features and the workgroup memory of the adapter. */
export async function makeDevice(gpu?: GPU): Promise<GPUDevice> {
  const adapter = await requestAdapter(gpu ? { gpu } : {});
  const used = ["shader-f16", "subgroups"];
  return adapter.requestDevice({
    requiredFeatures: [...adapter.features].filter((feature) => used.includes(feature)) as GPUFeatureName[],
    requiredLimits: { maxComputeWorkgroupStorageSize: adapter.limits.maxComputeWorkgroupStorageSize },
  });
}
