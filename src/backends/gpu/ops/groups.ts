/** Where routed rows, sorted by expert, lie in the buffer `groups`: group.wgsl writes it, experts.wgsl reads it. */
import { expertGroupsLayout, expertTileLayout } from "../../layout/index.ts";
import { narrowTile } from "../variants.ts";

/** Rows of a tile of one expert. */
export const expertTile = narrowTile;

/** Maximum tiles of this many routed rows. */
export function maxTiles(routed: number, experts: number): number {
  return Math.floor(routed / expertTile.m) + Math.min(experts, routed);
}

export function groupsLayout(capacityTokens: number, topK: number, experts: number) {
  const routed = capacityTokens * topK;
  const rowsAt = expertGroupsLayout.words + expertTileLayout.words * maxTiles(routed, experts);
  return { rowsAt, words: rowsAt + routed };
}
