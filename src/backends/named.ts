/**
 * The backends that Node and Deno select by name. A new backend is an entry of this list. Each is imported when it is needed, as
 * a process needs one of them.
 */
import { existsSync } from "node:fs";
import process from "node:process";
import { DiffusionError } from "../core/error.ts";
import type { BackendFactory } from "../core/tensor/index.ts";

export interface BackendEntry {
  readonly name: string;
  readonly help: string;
  /** Whether the backend has a device loop (`Backend.loop`). The command line checks it before it loads a model. */
  readonly deviceLoop: boolean;
  /** Whether the backend can measure the time of its ops. */
  readonly profiles: boolean;
  /** Whether this installation has the backend; absent for one that every installation has. */
  isPresent?(): Promise<boolean>;
  /** Why the backend cannot be used here; undefined if it can. */
  whyUnusable(): Promise<string | undefined>;
  /** Why `auto` does not choose the backend; undefined if it may. Default: the answer of `whyUnusable`. */
  whyNotAuto?(): Promise<string | undefined>;
  create(options?: BackendCreation): BackendFactory;
}

export interface BackendCreation {
  /** Measures the time of every op, where that slows passes down: elsewhere it is always measured. */
  readonly profile?: boolean;
}

/** `auto` takes the first backend that can be used. */
export const backends: readonly BackendEntry[] = [
  {
    name: "cuda",
    help: "an NVIDIA GPU, from a built repository",
    deviceLoop: true,
    profiles: false,
    isPresent: async () => (await import("./cuda/addon.ts")).hasAddon(),
    whyUnusable: async () => (await import("./cuda/index.ts")).whyNoCuda(),
    create: () => async () => (await import("./cuda/index.ts")).cuda()(),
  },
  {
    name: "webgpu",
    help: "a GPU, in Node through the package 'webgpu'; auto takes hardware adapters only",
    deviceLoop: true,
    profiles: true,
    whyUnusable: async () => (await import("./auto.ts")).whyNoWebgpu(),
    whyNotAuto: async () =>
      whyNoGraphics() ?? (await (await import("./auto.ts")).whyNoWebgpu({ allowSoftware: false })),
    create: (options) => async () => (await import("./webgpu/index.ts")).webgpu(options)(),
  },
  {
    name: "wasm",
    help: "the CPU, in WebAssembly on all cores",
    deviceLoop: true,
    profiles: true,
    whyUnusable: async () => (await import("./wasm/index.ts")).whyNoWasm(),
    create: () => async () => (await import("./wasm/index.ts")).wasm()(),
  },
  {
    name: "cpu",
    help: "plain TypeScript, runs everywhere",
    deviceLoop: true,
    profiles: true,
    whyUnusable: async () => undefined,
    create: () => async () => (await import("./cpu/index.ts")).cpu()(),
  },
];

/** Device files of Linux's graphics drivers: DRM, NVIDIA, AMD, WSL, Mali, Adreno. */
const graphicsDevices = ["dri", "nvidiactl", "kfd", "dxg", "mali0", "kgsl-3d0"];

/** A cheap check before Dawn starts, which takes up to 0.3 s and prints a warning for every driver without a device. */
function whyNoGraphics(): string | undefined {
  const { platform, env } = process;
  if (platform !== "linux" || env["VK_ICD_FILENAMES"] || env["VK_DRIVER_FILES"]) return undefined;
  if (graphicsDevices.some((name) => existsSync(`/dev/${name}`))) return undefined;
  return "this machine shows no graphics device in /dev";
}

export const backendNames: readonly string[] = ["auto", ...backends.map(({ name }) => name)];

export interface PickedBackend {
  readonly entry: BackendEntry;
  /** Why this backend was chosen, in words. */
  readonly reason: string;
}

/**
 * Finds a backend by name, or the first usable one for `auto`.
 * @throws DiffusionError `invalid-request` for an unknown name, `unsupported` if the backend cannot be used here
 */
export async function pickBackend(name: string, known = backends): Promise<PickedBackend> {
  if (name === "auto") return pickFirst(known);
  const entry = known.find((candidate) => candidate.name === name);
  if (!entry) {
    const names = ["auto", ...known.map((candidate) => candidate.name)].join(", ");
    const message = `Cannot choose the backend as it must be one of ${names}: found ${JSON.stringify(name)}`;
    throw new DiffusionError("invalid-request", message);
  }
  const problem = await entry.whyUnusable();
  if (problem === undefined) return { entry, reason: "chosen by name" };
  throw new DiffusionError("unsupported", `Cannot use backend '${name}' as ${problem}`);
}

async function pickFirst(known: readonly BackendEntry[]): Promise<PickedBackend> {
  const problems: string[] = [];
  for (const entry of known) {
    if (entry.isPresent && !(await entry.isPresent())) continue;
    const problem = await (entry.whyNotAuto ?? entry.whyUnusable)();
    if (problem === undefined) {
      const reason = problems.length > 0 ? problems.join("; ") : "the fastest usable backend";
      return { entry, reason };
    }
    problems.push(`${entry.name}: ${problem}`);
  }
  const message = `Cannot choose a backend as none can be used: ${problems.join("; ")}`;
  throw new DiffusionError("unsupported", message);
}
