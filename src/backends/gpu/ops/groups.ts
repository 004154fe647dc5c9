/** Where routed rows, sorted by expert, lie in the buffer `groups`: group.wgsl writes it, experts.wgsl reads it. */
import { expertGroupsLayout, expertTileLayout } from "../../layout/index.ts";
import type { Capabilities } from "../capabilities.ts";
import { largeTile, narrowTile, type Tile } from "../products.ts";

type Busy = Pick<Capabilities, "busyWorkgroups">;

/** As many rows as the large tile has, with 4 x 4 sums a lane. */
const tallTile: Tile = { m: largeTile.m, n: 16 };

/** Tiles of one expert's rows, by form of the kernels, for passes with at most `mostRouted` rows. */
export function expertTiles(
  mostRouted: number,
  experts: number,
  device: Busy,
  int8: boolean,
): readonly Tile[] {
  const isLarge = expertForm(mostRouted, experts, device) === 1;
  return isLarge ? [narrowTile, int8 ? tallTile : largeTile] : [narrowTile];
}

/**
 * The form for a pass: large tiles where an expert has two of them on average. An expert's last tile is partly empty, which
 * costs most where it is the only one.
 */
export function expertForm(routed: number, experts: number, device: Busy): number {
  return device.busyWorkgroups > 0 && routed >= 2 * largeTile.m * experts ? 1 : 0;
}

/** Maximum tiles of this many routed rows. */
export function maxTiles(routed: number, experts: number, tile: Tile): number {
  return Math.floor(routed / tile.m) + Math.min(experts, routed);
}

export function groupsLayout(capacityTokens: number, topK: number, experts: number) {
  const routed = capacityTokens * topK;
  const rowsAt = expertGroupsLayout.words + expertTileLayout.words * maxTiles(routed, experts, narrowTile);
  return { rowsAt, words: rowsAt + routed };
}
