/** The compiled modules, one for each kind of memory and of arithmetic. */
import { kernelBytes, type MemoryKind, relaxedKernelBytes } from "./kernelBytes.ts";

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** @param relaxed whether with relaxed SIMD */
export function kernelModule(kind: MemoryKind, relaxed: boolean): Promise<WebAssembly.Module> {
  const key = `${kind} ${relaxed}`;
  const known = compiled.get(key);
  if (known) return known;
  const module = compile(kind, relaxed);
  compiled.set(key, module);
  return module;
}

async function compile(kind: MemoryKind, relaxed: boolean): Promise<WebAssembly.Module> {
  return WebAssembly.compile(relaxed ? await relaxedKernelBytes(kind) : kernelBytes(kind));
}
