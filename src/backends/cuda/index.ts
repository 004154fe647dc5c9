export type { NativeDevice } from "./addon.ts";
export { type CudaOptions, cuda } from "./cuda.ts";
