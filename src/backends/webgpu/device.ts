/** Requests a device with all features and limits of its adapter, and describes it. */
import { DiffusionError } from "../../core/error.ts";
import type { Capabilities } from "../gpu/capabilities.ts";
import { type Activations, chooseActivations } from "./activations.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { openGpu } from "./gpu.ts";

export interface WebgpuOptions {
  /** The WebGPU implementation, for runtimes without their own. */
  readonly gpu?: GPU;
  /** Creates the device; called again after a device loss. The engine never destroys such a device. */
  readonly device?: () => Promise<GPUDevice>;
  /** Whether an adapter that computes on the CPU is accepted; true by default. */
  readonly allowSoftware?: boolean;
  /** Maximum bytes of a binding of a weight; for tests of sharding. */
  readonly maxBindingBytes?: number;
  /** Uses the kernels for hardware or for software adapters on any device; for tests. */
  readonly kernels?: "hardware" | "software";
  /**
   * The activations that weights of q8_0 and q4_0 are multiplied with. Default: `f32`. `int8` rounds them in blocks of 32,
   * which is faster where products are bound by operations, and costs accuracy. `Backend.device` says what is used: the
   * runtime's WGSL may lack the products of bytes.
   */
  readonly activations?: Activations;
  /** Workgroups of a product that keep the device busy, in the place of what is assumed of a GPU; for tests. */
  readonly busyWorkgroups?: number;
  /** Whether the device must pass the self-test before it is used, with safer kernels if necessary; true by default. */
  readonly selfTest?: boolean;
  /** Measures the time of every op, if the device supports it. */
  readonly profile?: boolean;
}

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly capabilities: Capabilities;
  /** For people. */
  readonly description: string;
  /** Whether the backend destroys the device. */
  readonly owned: boolean;
}

export type AdapterKind = "hardware" | "software" | "null";

/** The kind of an adapter: `software` computes on the CPU, `null` computes nothing. */
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

/** @throws DiffusionError `unsupported` if there is no WebGPU, no adapter, or only one that is not accepted */
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
  return described(device, { info: adapter.info, name: adapterText(adapter.info), owned: true }, options);
}

async function injected(device: GPUDevice, options: WebgpuOptions): Promise<OpenDevice> {
  const lost = await Promise.race([device.lost, Promise.resolve(undefined)]);
  if (lost) {
    const message = `Cannot use the device that was given as it is lost: ${lost.message || lost.reason}`;
    throw new DiffusionError("device-lost", message);
  }
  const info = (device as { adapterInfo?: GPUAdapterInfo }).adapterInfo;
  const name = info ? adapterText(info) : "a device that was given";
  return described(device, { info, name, owned: false }, options);
}

interface Found {
  readonly info: GPUAdapterInfo | undefined;
  readonly name: string;
  readonly owned: boolean;
}

async function described(
  device: GPUDevice,
  { info, name, owned }: Found,
  options: WebgpuOptions,
): Promise<OpenDevice> {
  const software = isSoftware(info, options);
  const { busyWorkgroups, activations = "f32" } = options;
  const gpu = activations === "f32" ? undefined : (options.gpu ?? (await openGpu()));
  const { int8Activations, text } = chooseActivations(activations, { gpu, software });
  return {
    device,
    capabilities: capabilitiesOf(device, software, { busyWorkgroups, int8Activations }),
    description: `WebGPU on ${name}${text}`,
    owned,
  };
}

function isSoftware(info: GPUAdapterInfo | undefined, { kernels }: WebgpuOptions): boolean {
  return kernels ? kernels === "software" : info !== undefined && adapterKind(info) === "software";
}

function refused(reason: string): DiffusionError {
  return new DiffusionError("unsupported", `Cannot use WebGPU as ${reason}`);
}
