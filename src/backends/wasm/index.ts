export type {} from "../../core/platformTypes.ts";
export { type WasmOptions, wasm } from "./wasm.ts";
