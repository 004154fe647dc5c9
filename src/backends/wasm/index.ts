export type {} from "../../core/platformTypes.ts";
export { whyNoWasm } from "./kernelModule.ts";
export { type WasmOptions, wasm } from "./wasm.ts";
