export { adapterKind, adapterText, requestAdapter, type WebgpuOptions } from "./device.ts";
export { openGpu } from "./gpu.ts";
export { webgpu } from "./webgpu.ts";
