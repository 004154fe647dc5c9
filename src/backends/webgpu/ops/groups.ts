/** Where routed rows, sorted by expert, lie in the buffer `groups`; group.wgsl writes it, experts.wgsl reads it. */
import { narrowTile } from "../variants.ts";

/** Rows of a tile of one expert. */
export const expertTile = narrowTile;
export const tilesAt = 4;
const tileWords = 4;

/** The most tiles that so many routed rows can make. */
export function mostTiles(routed: number, experts: number): number {
  return Math.floor(routed / expertTile.m) + Math.min(experts, routed);
}

export function groupsLayout(capacityTokens: number, topK: number, experts: number) {
  const routed = capacityTokens * topK;
  const rowsAt = tilesAt + tileWords * mostTiles(routed, experts);
  return { rowsAt, words: rowsAt + routed };
}
