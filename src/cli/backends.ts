/** The backends that `--backend` chooses from. A new one is a line in this list. */
import { cpu } from "../backends/cpu/index.ts";
import { type BackendFactory, DiffusionError } from "../core/index.ts";

export interface BackendEntry {
  readonly name: string;
  readonly help: string;
  /** Whether it can decide on the device what is committed. */
  readonly deviceLoop: boolean;
  /** Why it cannot be used here; undefined if it can. */
  missing(): Promise<string | undefined>;
  create(): BackendFactory;
}

/** The fastest first: `auto` takes the first that can be used. */
export const backends: readonly BackendEntry[] = [
  {
    name: "cpu",
    help: "plain TypeScript, runs everywhere",
    deviceLoop: false,
    missing: async () => undefined,
    create: () => cpu(),
  },
];

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
    const missing = await entry.missing();
    if (missing === undefined) {
      const reason = refused.length > 0 ? refused.join("; ") : "it is the first that can be used here";
      return { entry, reason };
    }
    refused.push(`${entry.name}: ${missing}`);
  }
  throw new DiffusionError("unsupported", `Cannot pick a backend as none can be used: ${refused.join("; ")}`);
}
