/** The backends that are chosen by name, in Node and Deno. A new one is a line in this list. */
import { existsSync } from "node:fs";
import process from "node:process";
import { type BackendFactory, DiffusionError } from "../core/index.ts";
import { whyNoWebgpu } from "./auto.ts";
import { cpu } from "./cpu/index.ts";
import { webgpu } from "./webgpu/index.ts";

export interface BackendEntry {
  readonly name: string;
  readonly help: string;
  /** Whether it can decide on the device what is committed. */
  readonly deviceLoop: boolean;
  /** Whether it can measure the time of its ops. */
  readonly profiles: boolean;
  /** Why it cannot be used here; undefined if it can. */
  missing(): Promise<string | undefined>;
  /** Why `auto` leaves it out although it could be used, or as it cannot; absent where `missing` says it all. */
  unwanted?(): Promise<string | undefined>;
  create(options?: BackendCreation): BackendFactory;
}

export interface BackendCreation {
  /** Measures the time of every op. */
  readonly profile?: boolean;
}

/** The fastest first: `auto` takes the first that can be used. */
export const backends: readonly BackendEntry[] = [
  {
    name: "webgpu",
    help: "a GPU, in Node through the package 'webgpu'; auto takes it on hardware only",
    deviceLoop: true,
    profiles: true,
    missing: () => whyNoWebgpu(),
    unwanted: async () => whyNoGraphics() ?? (await whyNoWebgpu({ allowSoftware: false })),
    create: (options) => webgpu(options),
  },
  {
    name: "cpu",
    help: "plain TypeScript, runs everywhere",
    deviceLoop: false,
    profiles: false,
    missing: async () => undefined,
    create: () => cpu(),
  },
];

/** Where Linux shows what Vulkan drivers drive: DRM, NVIDIA, AMD, WSL, Mali, Adreno. */
const graphicsDevices = ["dri", "nvidiactl", "kfd", "dxg", "mali0", "kgsl-3d0"];

/** Spares `auto` the start of Dawn, which takes up to 0.3 s and warns of every driver that finds nothing to drive. */
function whyNoGraphics(): string | undefined {
  const { platform, env } = process;
  if (platform !== "linux" || env["VK_ICD_FILENAMES"] || env["VK_DRIVER_FILES"]) return undefined;
  if (graphicsDevices.some((name) => existsSync(`/dev/${name}`))) return undefined;
  return "this machine shows no graphics device in /dev";
}

export const backendNames: readonly string[] = ["auto", ...backends.map(({ name }) => name)];

export interface PickedBackend {
  readonly entry: BackendEntry;
  /** Why, in words. */
  readonly reason: string;
}

/** @throws DiffusionError `invalid-request` for an unknown name, `unsupported` if it cannot be used here */
export async function pickBackend(name: string, known = backends): Promise<PickedBackend> {
  if (name === "auto") return pickFirst(known);
  const entry = known.find((candidate) => candidate.name === name);
  if (!entry) {
    const names = ["auto", ...known.map((candidate) => candidate.name)].join(", ");
    const message = `Cannot choose the backend as it must be one of ${names}: found ${JSON.stringify(name)}`;
    throw new DiffusionError("invalid-request", message);
  }
  const missing = await entry.missing();
  if (missing === undefined) return { entry, reason: "it was asked for" };
  throw new DiffusionError("unsupported", `Cannot use backend '${name}' as ${missing}`);
}

async function pickFirst(known: readonly BackendEntry[]): Promise<PickedBackend> {
  const refused: string[] = [];
  for (const entry of known) {
    const missing = await (entry.unwanted ?? entry.missing)();
    if (missing === undefined) {
      const reason = refused.length > 0 ? refused.join("; ") : "it is the first that can be used here";
      return { entry, reason };
    }
    refused.push(`${entry.name}: ${missing}`);
  }
  throw new DiffusionError("unsupported", `Cannot pick a backend as none can be used: ${refused.join("; ")}`);
}
