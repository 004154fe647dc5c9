/** What a request needs of couplings: how many layers they average, and how many rows they may have. */
import type { Bound } from "../../declare/index.ts";
import type { Decoder } from "../../decode/index.ts";
import type { Canvas } from "../../diffusion/index.ts";
import { DiffusionError } from "../../error.ts";
import type { Model } from "../../model/index.ts";
import { defaultCoupledLayers, maxCoupledRows } from "../../tensor/index.ts";

/** The number of last layers whose attention the decoder's couplings average, at most all; undefined if it needs none. */
export function couplingLayersOf(
  { declaration, parameters }: Bound<Decoder>,
  { architecture }: Pick<Model, "architecture">,
): number | undefined {
  if (!declaration.needs?.includes("couplings")) return undefined;
  const layers = architecture.feedForward.length;
  return Math.min(declaration.couplingLayers?.(parameters) ?? defaultCoupledLayers(layers), layers);
}

/** @throws DiffusionError `invalid-request` if a block has more undecided positions than couplings are computed for */
export function requireCoupledRows(
  {
    couplingLayers,
    decoder,
  }: { readonly couplingLayers?: number | undefined; readonly decoder: Bound<Decoder> },
  { blocks, undecided }: Pick<Canvas, "blocks" | "undecided">,
): void {
  if (couplingLayers === undefined) return;
  for (const { start, end } of blocks) {
    const rows = undecided.subarray(start, end).reduce((sum, bit) => sum + bit, 0);
    if (rows <= maxCoupledRows) continue;
    const message = `Cannot use decoder '${decoder.declaration.name}' as a block must have at most ${maxCoupledRows} undecided positions: found ${rows}`;
    throw new DiffusionError("invalid-request", message);
  }
}
