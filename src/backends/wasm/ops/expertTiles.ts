/** Routed rows in tiles, expert by expert. */
import { Grouping } from "../../host/grouping.ts";
import type { Buffers, SharedBuffer } from "../buffers.ts";
import type { LinearMemory } from "../linearMemory.ts";
import { type TiledRows, tileRows } from "../passLists.ts";

/** Numbers of a group: matrix, first tile, rows. */
const groupNumbers = 3;

export class ExpertTiles {
  readonly #memory: LinearMemory;
  readonly #topK: number;
  readonly #grouping: Grouping;
  readonly #groups: SharedBuffer;
  readonly #rows: SharedBuffer;
  readonly #tokens: SharedBuffer;

  /** @param capacity tokens of a pass, at most */
  constructor(memory: LinearMemory, buffers: Buffers, experts: number, topK: number, capacity: number) {
    this.#memory = memory;
    this.#topK = topK;
    this.#grouping = new Grouping(experts, topK, capacity);
    const tiles = maxExpertTiles(experts, topK, capacity);
    this.#groups = buffers.reserve("groups of experts", 4 * groupNumbers * experts);
    this.#rows = buffers.reserve("rows of experts", 4 * tileRows * tiles);
    this.#tokens = buffers.reserve("tokens of experts", 4 * tileRows * tiles);
  }

  /** The tiles of routed rows, and of their tokens. Valid until the next call. */
  of(topkIds: number, tokens: number): { readonly rows: TiledRows; readonly tokens: TiledRows } {
    const grouping = this.#grouping;
    const ids = this.#memory.u32(topkIds, tokens * this.#topK);
    let tiles = 0;
    let groupCount = 0;
    grouping.each(ids, tokens, (expert, first, count) => {
      if (count === 0) return;
      const group = this.#groups.address + 4 * groupNumbers * groupCount++;
      this.#memory.i32(group, groupNumbers).set([expert, tiles, count]);
      const places = Math.ceil(count / tileRows) * tileRows;
      const at = 4 * tileRows * tiles;
      fill(this.#memory.i32(this.#rows.address + at, places), grouping.rows, first, count);
      fill(this.#memory.i32(this.#tokens.address + at, places), grouping.tokens, first, count);
      tiles += places / tileRows;
    });
    const of = ({ address }: SharedBuffer): TiledRows => {
      return { rows: address, tiles, groups: this.#groups.address, groupCount };
    };
    return { rows: of(this.#rows), tokens: of(this.#tokens) };
  }
}

/** The most tiles that a pass can have: each expert can have one that is not full. */
export function maxExpertTiles(experts: number, topK: number, tokens: number): number {
  return Math.ceil((tokens * topK) / tileRows) + experts;
}

function fill(to: Int32Array, from: Uint32Array, first: number, count: number): void {
  to.fill(-1);
  to.set(from.subarray(first, first + count));
}
