/** The compiled module, one for each kind of memory. */
import { kernelModules } from "./kernels.generated.ts";

type Kind = keyof typeof kernelModules;

const compiled = new Map<Kind, Promise<WebAssembly.Module>>();

/** @param kind memory that threads share, or of one thread `alone` */
export function kernelModule(kind: Kind): Promise<WebAssembly.Module> {
  const known = compiled.get(kind);
  if (known) return known;
  const module = WebAssembly.compile(bytesOf(kind));
  compiled.set(kind, module);
  return module;
}

/** Why the kernels cannot run here; undefined if they can. */
export function whyNoWasm(): string | undefined {
  if (typeof WebAssembly !== "object") return "this runtime has no WebAssembly";
  return WebAssembly.validate(bytesOf("alone")) ? undefined : "this runtime's WebAssembly has no SIMD";
}

function bytesOf(kind: Kind): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(kernelModules[kind]), (character) => character.charCodeAt(0));
}
