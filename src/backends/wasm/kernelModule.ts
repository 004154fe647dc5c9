/** The compiled module, one for each kind of memory. */
import { kernelModules } from "./kernels.generated.ts";

type Kind = keyof typeof kernelModules;

const compiled = new Map<Kind, Promise<WebAssembly.Module>>();

/** @param kind memory that threads share, or of one thread `alone` */
export function kernelModule(kind: Kind): Promise<WebAssembly.Module> {
  const known = compiled.get(kind);
  if (known) return known;
  const bytes = Uint8Array.from(atob(kernelModules[kind]), (character) => character.charCodeAt(0));
  const module = WebAssembly.compile(bytes);
  compiled.set(kind, module);
  return module;
}
