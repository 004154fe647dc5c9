/** Opens WebGPU in every runtime. */

/** WebGPU of the browser or Deno; in Node that of the package `webgpu`, which has to outlive all that it makes. */
let gpu: Promise<GPU | undefined> | undefined;

export function openGpu(): Promise<GPU | undefined> {
  gpu ??= open();
  return gpu;
}

async function open(): Promise<GPU | undefined> {
  const native: GPU | undefined = globalThis.navigator?.gpu;
  if (native) return native;
  // Not a literal, so that a bundler for browsers leaves it alone.
  const name = "webgpu";
  const { create, globals } = (await import(/* @vite-ignore */ name)) as typeof import("webgpu");
  Object.assign(globalThis, globals);
  return create([]);
}
