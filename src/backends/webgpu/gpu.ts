/** Access to WebGPU: `navigator.gpu` in browsers and Deno, the package `webgpu` (Dawn) in Node. */
import { DiffusionError } from "../../core/error.ts";

interface DawnModule {
  create(options: readonly string[]): GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Kept for the life of the process: Dawn's object must outlive everything created with it. */
let opened: Promise<GPU | undefined> | undefined;

/**
 * The runtime's WebGPU; undefined if it has none. In Node it is the optional package `webgpu`, whose backend and Dawn
 * features the variable `UNMASK_DAWN` may set, as in `backend=vulkan;enable-dawn-features=...`.
 * @throws DiffusionError `unsupported` if that package is installed and fails, with its error as the cause
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
  // Not a literal, so that bundlers for browsers do not resolve it.
  const name = "webgpu";
  try {
    const dawn = (await import(/* @vite-ignore */ name)) as DawnModule;
    Object.assign(globalThis, dawn.globals);
    return dawn.create(process.env["UNMASK_DAWN"]?.split(";").filter(Boolean) ?? []);
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    const text = cause instanceof Error ? cause.message : String(cause);
    const message = `Cannot use WebGPU as the package 'webgpu' is installed and fails: ${text}`;
    throw new DiffusionError("unsupported", message, { cause });
  }
}

/** Whether an import failed because the package itself is missing, rather than a file or a dependency of it. */
function isAbsent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isMissing = (error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
  // Node, Deno and Bun quote the missing name, or the path of the missing file.
  return isMissing && /["']webgpu["']/.test(error.message);
}
