export type {} from "../../core/platformTypes.ts";
export { whyNoRelaxedSimd, whyNoWasm } from "./kernelBytes.ts";
export { type WasmOptions, wasm } from "./wasm.ts";
