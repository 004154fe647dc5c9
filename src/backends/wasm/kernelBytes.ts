/** The modules as bytes, and whether this runtime can run them. */
import { kernelModules } from "./kernels.generated.ts";

/** Memory that threads share, or of one thread `alone`. */
export type MemoryKind = "alone" | "shared";

export function kernelBytes(kind: MemoryKind): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(kernelModules[kind]), (character) => character.charCodeAt(0));
}

/** Why the kernels cannot run here; undefined if they can. */
export function whyNoWasm(): string | undefined {
  if (typeof WebAssembly !== "object") return "this runtime has no WebAssembly";
  return WebAssembly.validate(kernelBytes("alone")) ? undefined : "this runtime's WebAssembly has no SIMD";
}
