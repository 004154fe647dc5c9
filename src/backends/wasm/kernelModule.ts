/** The compiled module, one for each kind of memory. */
import { kernelBytes, type MemoryKind } from "./kernelBytes.ts";

const compiled = new Map<MemoryKind, Promise<WebAssembly.Module>>();

export function kernelModule(kind: MemoryKind): Promise<WebAssembly.Module> {
  const known = compiled.get(kind);
  if (known) return known;
  const module = WebAssembly.compile(kernelBytes(kind));
  compiled.set(kind, module);
  return module;
}
