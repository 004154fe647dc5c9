/** Checks whether a device can hold an engine, and suggests smaller sizes if it cannot. */
import { DiffusionError } from "../../error.ts";
import {
  type Backend,
  type BackendFactory,
  type BackendLimits,
  dtypeBytes,
  type LimitExceeded,
  residentDType,
} from "../../tensor/index.ts";
import { makeBackend } from "./makeBackend.ts";
import { type ChosenCapacity, type EngineSizes, minPassTokens } from "./sizes.ts";

export interface DeviceCheck extends Pick<BackendLimits, "residentDTypes"> {
  readonly device: string;
  /** Bytes of the weights in the backend's memory. */
  readonly weightBytes: number;
  readonly problem?: string;
}

/**
 * Checks an engine's sizes against the limits of a device. The backend that is made for the check is disposed afterwards.
 * @throws as `makeBackend`
 */
export async function checkLimits(
  factory: BackendFactory,
  sizes: EngineSizes,
  signal?: AbortSignal,
): Promise<DeviceCheck> {
  const backend = await makeBackend(factory, signal, "check the limits of the device");
  try {
    const problem = limitsText(backend.exceededLimits?.(sizes.plans) ?? [], sizes);
    const weightBytes = residentWeightBytes(backend, sizes);
    const { device, limits } = backend;
    const { residentDTypes } = limits;
    return { device, weightBytes, residentDTypes, ...(problem !== undefined && { problem }) };
  } finally {
    await backend.dispose();
  }
}

/** Bytes of the weights in the backend's memory. */
export function residentWeightBytes({ limits }: Backend, sizes: EngineSizes): number {
  return sizes.weightTypes.reduce(
    (sum, { dtype, parameters }) => sum + dtypeBytes(residentDType(dtype, limits), parameters),
    0,
  );
}

/** Names the tensor or buffer that exceeds its limit most, and sizes that would fit. Undefined if everything fits. */
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
  /** The part of `count` at which every tensor that grows with it is within its limit. */
  const fitting = (grows: LimitExceeded["growsWith"], count: number) => {
    const ratios = exceeded
      .filter((each) => each.growsWith === grows)
      .map((each) => each.limitBytes / each.bytes);
    return Math.max(1, Math.floor(count * Math.min(1, ...ratios)));
  };
  const fixed = exceeded.find(({ growsWith }) => growsWith === "no");
  if (fixed) return `the size of ${fixed.what} is fixed: use another device or a smaller model`;
  const tokens = fitting("tokens", capacity.tokens);
  // Passes hold at least `minPassTokens` tokens unless the pool is smaller, so fewer tokens need a smaller pool.
  const pool = tokens < Math.min(minPassTokens, capacity.tokens) ? tokens : capacity.positions;
  const positions = Math.min(pool, fitting("positions", capacity.positions));
  const longest = Math.min(context, tokens, positions);
  const changes = [
    ...(longest < context ? [`a context of at most ${longest}`] : []),
    ...(positions < capacity.positions ? [`cachePositions of at most ${positions}`] : []),
  ];
  const onlyKeys = exceeded.every(({ what }) => what.startsWith("'layers."));
  const half =
    cacheDType === "f32" && onlyKeys && positions < capacity.positions
      ? "; cacheDType f16 halves its size"
      : "";
  return `it would fit with ${changes.join(" and ")}${half}`;
}

/** @throws DiffusionError `out-of-memory` if anything exceeds a limit */
export function requireWithinLimits(exceeded: readonly LimitExceeded[], chosen: ChosenCapacity): void {
  const problem = limitsText(exceeded, chosen);
  if (problem !== undefined) throw outOfMemory(problem);
}

/**
 * `requireWithinLimits` with a backend that is made for the check.
 * @throws DiffusionError `out-of-memory`; as `makeBackend`
 */
export async function requireDeviceFits(
  factory: BackendFactory,
  sizes: EngineSizes,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { problem } = await checkLimits(factory, sizes, signal);
  if (problem !== undefined) throw outOfMemory(problem);
}

function outOfMemory(problem: string): DiffusionError {
  return new DiffusionError("out-of-memory", `Cannot load the model as ${problem}`);
}
