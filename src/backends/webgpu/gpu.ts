/** Where a GPU comes from: the page's or Deno's own `navigator.gpu`, or the package `webgpu` (Dawn) in Node. */
interface DawnModule {
  create(options: readonly string[]): GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Kept for the life of the process: Dawn's object must outlive everything that was made with it. */
let opened: Promise<GPU | undefined> | undefined;

/**
 * The runtime's WebGPU, or undefined where there is none. In Node that takes the optional package `webgpu`, whose
 * backend and Dawn features `UNMASK_DAWN` may choose, as in `backend=vulkan;enable-dawn-features=...`.
 */
export function openGpu(): Promise<GPU | undefined> {
  opened ??= open();
  return opened;
}

async function open(): Promise<GPU | undefined> {
  if (typeof navigator !== "undefined" && navigator.gpu) return navigator.gpu;
  const { process } = globalThis as {
    process?: { versions?: { node?: string }; env: Record<string, string | undefined> };
  };
  if (!process?.versions?.node) return undefined;
  // Not a literal, so that bundlers for browsers leave it alone.
  const name = "webgpu";
  let dawn: DawnModule;
  try {
    dawn = (await import(/* @vite-ignore */ name)) as DawnModule;
  } catch {
    return undefined;
  }
  Object.assign(globalThis, dawn.globals);
  return dawn.create(process.env["UNMASK_DAWN"]?.split(";").filter(Boolean) ?? []);
}
