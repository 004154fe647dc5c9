/** Whether a model fits, in words, and the sizes to begin with. */
import type { Fit } from "../../src/core/index.ts";
import type { WebFits } from "../../src/remote/index.ts";

export type Verdict =
  | { readonly kind: "fits" }
  /** It would be refused. */
  | { readonly kind: "exceeds"; readonly why: string }
  /** It is more than what a page can expect to get. */
  | { readonly kind: "risky"; readonly why: string };

const gibibyte = 2 ** 30;
/** Where the browser does not say how much memory the computer has. */
const assumedMemory = 8;
/** A model below both needs no confirmation. */
const smallDownloadBytes = 50e6;
const smallMemoryBytes = 500e6;
/** Positions of a sequence to begin with, if they fit. */
const usualContext = 4096;
const leastContext = 1024;

export function memoryBytes({ weightBytes, cacheBytes, arenaBytes }: Fit): number {
  return weightBytes + cacheBytes + arenaBytes;
}

/**
 * @param deviceMemory of `navigator`: GiB of the computer's memory, rounded, or undefined
 */
export function verdictOf(fit: Fit, backend: string, deviceMemory: number | undefined): Verdict {
  if (fit.problem !== undefined) return { kind: "exceeds", why: fit.problem };
  // No browser says how much memory a GPU has.
  if (backend === "webgpu") return { kind: "fits" };
  const budget = ((deviceMemory ?? assumedMemory) * gibibyte) / 2;
  if (memoryBytes(fit) <= budget) return { kind: "fits" };
  const source = deviceMemory === undefined ? "a computer of 8 GB" : `this computer's ${deviceMemory} GB`;
  return { kind: "risky", why: `it takes more than half of ${source}` };
}

/** The sizes to begin with: stored weights before quantized ones, and as many positions as are usual. */
export function firstFit(
  { fits, backend }: Pick<WebFits, "fits" | "backend">,
  deviceMemory: number | undefined,
): Fit | undefined {
  const fitting = fits.filter((fit) => verdictOf(fit, backend, deviceMemory).kind === "fits");
  const most = Math.max(...fits.map(({ context }) => context));
  const usual = fitting.filter(
    ({ context }) => context <= usualContext && context >= Math.min(leastContext, most),
  );
  const candidates = usual.length > 0 ? usual : fitting;
  // The choices are in the order of preference, apart from their contexts, which ascend.
  const [first] = candidates;
  const alike = candidates.filter((fit) => first && isAlike(fit, first));
  return alike.at(-1);
}

function isAlike({ options: a }: Fit, { options: b }: Fit): boolean {
  return a.quantize === b.quantize && a.cacheDType === b.cacheDType;
}

/** Whether a person need not confirm: it is soon there, and takes little. */
export function isSmall(fit: Fit, { download }: Pick<WebFits, "download">): boolean {
  const bytes = download ? download.totalBytes - download.presentBytes : 0;
  return bytes <= smallDownloadBytes && memoryBytes(fit) <= smallMemoryBytes;
}
