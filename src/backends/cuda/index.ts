export { hasAddon, type NativeDevice } from "./addon.ts";
export { type CudaOptions, cuda, whyNoCuda } from "./cuda.ts";
