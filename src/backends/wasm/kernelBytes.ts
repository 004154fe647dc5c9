/** The modules as bytes, and whether this runtime can run them. */
import { kernelModules } from "./kernels.generated.ts";

/** Memory that threads share, or of one thread `alone`. */
export type MemoryKind = "alone" | "shared";

export function kernelBytes(kind: MemoryKind): Uint8Array<ArrayBuffer> {
  return bytesOf(kernelModules[kind]);
}

/** The kernels with fused multiply-add. They are imported when they are needed, so that others do not load them. */
export async function relaxedKernelBytes(kind: MemoryKind): Promise<Uint8Array<ArrayBuffer>> {
  const { relaxedKernelModules } = await import("./relaxedKernels.generated.ts");
  return bytesOf(relaxedKernelModules[kind]);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Why the kernels cannot run here; undefined if they can. */
export function whyNoWasm(): string | undefined {
  if (typeof WebAssembly !== "object") return "this runtime has no WebAssembly";
  return WebAssembly.validate(kernelBytes("alone")) ? undefined : "this runtime's WebAssembly has no SIMD";
}

/** A module of one function, which computes `f32x4.relaxed_madd` of three vectors of zeros. */
const zero = [0x41, 0, 0xfd, 0x11];
const relaxedModule = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[10, 20, 1, 18, 0, ...zero, ...zero, ...zero, 0xfd, 0x85, 2, 0x1a, 0x0b],
);

/** Why the option `relaxedSimd` cannot be used here; undefined if it can. */
export function whyNoRelaxedSimd(): string | undefined {
  const missing = whyNoWasm();
  if (missing !== undefined) return missing;
  if (WebAssembly.validate(relaxedModule)) return undefined;
  return "this runtime's WebAssembly has no relaxed SIMD";
}
