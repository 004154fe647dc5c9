export type {} from "../../core/platformTypes.ts";
export { adapterKind, adapterText, requestAdapter, type WebgpuOptions } from "./device.ts";
export { openGpu } from "./gpu.ts";
export type {} from "./platformTypes.ts";
export { webgpu } from "./webgpu.ts";
