/** Whether a device can hold an engine, and what to change where it cannot. */
import { DiffusionError } from "../../error.ts";
import type { Backend, BackendFactory, LimitExceeded } from "../../tensor/index.ts";
import { makeBackend } from "./makeBackend.ts";
import { type ChosenCapacity, type EngineSizes, passTokens } from "./sizes.ts";

/** What a backend, which is made for the question, says of an engine's sizes. @throws as `makeBackend` */
export async function checkLimits(
  factory: BackendFactory,
  sizes: EngineSizes,
  signal?: AbortSignal,
): Promise<{ readonly device: string; readonly weightBytes: number; readonly problem?: string }> {
  const backend = await makeBackend(factory, signal, "ask the device what it can hold");
  try {
    const problem = limitsText(backend.exceededLimits?.(sizes.plans) ?? [], sizes);
    const weightBytes = residentWeightBytes(backend, sizes);
    return { device: backend.device, weightBytes, ...(problem !== undefined && { problem }) };
  } finally {
    await backend.dispose();
  }
}

/** Bytes of the weights in the types that the backend keeps. */
export function residentWeightBytes({ limits }: Backend, sizes: EngineSizes): number {
  return limits.keepsStoredTypes ? sizes.storedWeightBytes : sizes.weightBytes;
}

/** What is furthest above its limit, in a sentence with what would fit; undefined if everything fits. */
export function limitsText(exceeded: readonly LimitExceeded[], chosen: ChosenCapacity): string | undefined {
  const excess = ({ bytes, limitBytes }: LimitExceeded) => bytes / limitBytes;
  const [worst] = [...exceeded].sort((a, b) => excess(b) - excess(a));
  if (!worst) return undefined;
  const { what, bytes, limitBytes } = worst;
  return `${what} takes ${bytes} bytes, and the device holds at most ${limitBytes} in one piece; ${remedy(exceeded, chosen)}`;
}

function remedy(
  exceeded: readonly LimitExceeded[],
  { capacity, context, cacheDType }: ChosenCapacity,
): string {
  /** So much of a count as fits what grows with it. */
  const fitting = (grows: LimitExceeded["growsWith"], count: number) => {
    const shares = exceeded
      .filter((each) => each.growsWith === grows)
      .map((each) => each.limitBytes / each.bytes);
    return Math.max(1, Math.floor(count * Math.min(1, ...shares)));
  };
  const fixed = exceeded.find(({ growsWith }) => growsWith === "no");
  if (fixed) return `nothing makes ${fixed.what} smaller but another device or a smaller model`;
  const tokens = fitting("tokens", capacity.tokens);
  // A pass over several short sequences is never planned smaller than this, but for a smaller pool.
  const pool = tokens < Math.min(passTokens, capacity.tokens) ? tokens : capacity.positions;
  const positions = Math.min(pool, fitting("positions", capacity.positions));
  const longest = Math.min(context, tokens, positions);
  const changes = [
    ...(longest < context ? [`a context of at most ${longest}`] : []),
    ...(positions < capacity.positions ? [`cachePositions of at most ${positions}`] : []),
  ];
  const onlyKeys = exceeded.every(({ what }) => what.startsWith("'layers."));
  const half =
    cacheDType === "f32" && onlyKeys && positions < capacity.positions ? "; cacheDType f16 halves it" : "";
  return `it would fit with ${changes.join(" and ")}${half}`;
}

/** @throws DiffusionError `out-of-memory` */
export function requireWithinLimits(exceeded: readonly LimitExceeded[], chosen: ChosenCapacity): void {
  const problem = limitsText(exceeded, chosen);
  if (problem !== undefined) throw unfit(problem);
}

/** As `requireFit`, of a backend that is made for the question. @throws as `makeBackend`, too */
export async function requireFitOn(
  factory: BackendFactory,
  sizes: EngineSizes,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { problem } = await checkLimits(factory, sizes, signal);
  if (problem !== undefined) throw unfit(problem);
}

function unfit(problem: string): DiffusionError {
  return new DiffusionError("out-of-memory", `Cannot load the model as ${problem}`);
}
