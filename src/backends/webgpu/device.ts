/** Asks for a device with all that its adapter has, and says in words what it is. */
import { DiffusionError } from "../../core/error.ts";
import { type Capabilities, capabilitiesOf } from "./capabilities.ts";
import { openGpu } from "./gpu.ts";

export interface WebgpuOptions {
  /** The runtime's WebGPU, where it is not to be found by itself. */
  readonly gpu?: GPU;
  /** Makes the device to be used, again after a loss; what it gives is never destroyed here. */
  readonly device?: () => Promise<GPUDevice>;
  /** Whether an adapter that computes on the CPU will do; by default it will, as it was asked for. */
  readonly allowSoftware?: boolean;
  /** No weight gets a binding of more bytes than this; for tests of sharding. */
  readonly maxBindingBytes?: number;
  /** Kernels for hardware, or for software adapters, whatever the device is; for tests. */
  readonly kernels?: "hardware" | "software";
  /** Whether the device must compute a known answer before it is used, with safer kernels if need be; so by default. */
  readonly selfTest?: boolean;
  /** Measures the time of every op, if the device can. */
  readonly profile?: boolean;
}

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly capabilities: Capabilities;
  /** In words. */
  readonly description: string;
  /** Whether it is ours to destroy. */
  readonly owned: boolean;
}

export type AdapterKind = "hardware" | "software" | "null";

/** What kind of adapter this is; software ones compute on the CPU, the null one computes nothing. */
export function adapterKind(info: GPUAdapterInfo): AdapterKind {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`.toLowerCase();
  if (/\bnull\b/.test(text)) return "null";
  if (/swiftshader|llvmpipe|lavapipe|softpipe|warp|basic render|software/.test(text)) return "software";
  return (info as { isFallbackAdapter?: boolean }).isFallbackAdapter ? "software" : "hardware";
}

export function adapterText(info: GPUAdapterInfo): string {
  const name =
    info.description || info.device || info.architecture || info.vendor || "adapter without a name";
  const kind = adapterKind(info);
  return kind === "hardware" ? name : `${name} (${kind})`;
}

/** @throws DiffusionError `unsupported` if there is no WebGPU, no adapter, or only one that will not do */
export async function requestAdapter(options: WebgpuOptions): Promise<GPUAdapter> {
  const gpu = options.gpu ?? (await openGpu());
  if (!gpu) throw refused("this runtime has no WebGPU (in Node it comes with the package 'webgpu')");
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw refused("WebGPU found no adapter");
  const kind = adapterKind(adapter.info);
  if (kind !== "hardware" && options.allowSoftware === false) {
    throw refused(`the only adapter is no hardware: ${adapterText(adapter.info)}`);
  }
  return adapter;
}

const wantedFeatures = ["shader-f16", "subgroups", "timestamp-query"] as const;
const wantedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

/** @throws DiffusionError `unsupported`, or `device-lost` if an injected device is lost already */
export async function openDevice(options: WebgpuOptions): Promise<OpenDevice> {
  if (options.device) return injected(await options.device(), options);
  const adapter = await requestAdapter(options);
  const device = await adapter.requestDevice({
    requiredFeatures: wantedFeatures.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[],
    requiredLimits: Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]])),
  });
  const description = `WebGPU on ${adapterText(adapter.info)}`;
  return {
    device,
    capabilities: capabilitiesOf(device, isSoftware(adapter.info, options)),
    description,
    owned: true,
  };
}

async function injected(device: GPUDevice, options: WebgpuOptions): Promise<OpenDevice> {
  const lost = await Promise.race([device.lost, Promise.resolve(undefined)]);
  if (lost) {
    const message = `Cannot use the device that was given as it is lost: ${lost.message || lost.reason}`;
    throw new DiffusionError("device-lost", message);
  }
  const info = (device as { adapterInfo?: GPUAdapterInfo }).adapterInfo;
  const description = `WebGPU on ${info ? adapterText(info) : "a device that was given"}`;
  return {
    device,
    capabilities: capabilitiesOf(device, isSoftware(info, options)),
    description,
    owned: false,
  };
}

function isSoftware(info: GPUAdapterInfo | undefined, { kernels }: WebgpuOptions): boolean {
  return kernels ? kernels === "software" : info !== undefined && adapterKind(info) === "software";
}

function refused(reason: string): DiffusionError {
  return new DiffusionError("unsupported", `Cannot use WebGPU as ${reason}`);
}
