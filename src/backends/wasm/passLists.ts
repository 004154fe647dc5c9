/** Lists of numbers that the kernels read, written once for each pass. */
import {
  type Capacity,
  firstPosition,
  hiddenKey,
  replacedKeys,
  twinDistance,
  visibleKeys,
} from "../../core/tensor/index.ts";
import type { HostPass } from "../host/pass.ts";
import type { LinearMemory } from "./linearMemory.ts";

/** Rows of a tile of activations. */
export const tileRows = 4;
/**
 * Rows of an attention task, at most (assembly/attention.ts). A task reads all keys and values, so more rows are fewer bytes; fewer
 * rows are tasks for more threads. The bits of a row do not depend on it.
 */
const minTaskRows = 32;
const maxTaskRows = 128;
/** Tasks of a pass that has enough rows. */
const enoughTasks = 8;
/** Numbers of an attention task. */
const taskNumbers = 9;

/** @param rows of all heads of a pass */
function taskRowsOf(rows: number): number {
  const even = minTaskRows * Math.ceil(rows / enoughTasks / minTaskRows);
  return Math.min(maxTaskRows, even);
}

/** Row numbers in tiles of four, and the matrix that each run of tiles is multiplied with. */
export interface TiledRows {
  /** Address of four row numbers for each tile, negative where a tile has fewer rows. */
  readonly rows: number;
  readonly tiles: number;
  /** Address of matrix, first tile and rows of each group (assembly/product.ts). */
  readonly groups: number;
  readonly groupCount: number;
}

/** Heads by key heads: the shape of the tasks of an attention. */
interface HeadShape {
  readonly heads: number;
  readonly kvHeads: number;
}

export class PassLists {
  /** Addresses of numbers for each token of the pass. The positions are those that tokens are rotated by. */
  readonly tokens: number;
  readonly positions: number;
  readonly poolRows: number;
  readonly visible: number;
  readonly #hidden: number;
  readonly #memory: LinearMemory;
  readonly #capacity: Capacity;
  readonly #identity: number;
  readonly #group: number;
  readonly #tasks = new Map<
    string,
    { readonly address: number; count: number; pass: HostPass | undefined }
  >();
  #placed: HostPass | undefined;

  constructor(memory: LinearMemory, capacity: Capacity) {
    this.#memory = memory;
    this.#capacity = capacity;
    const list = (what: string, count: number) => memory.place(what, 4 * Math.max(1, count));
    this.tokens = list("tokens", capacity.tokens);
    this.positions = list("positions", capacity.tokens);
    this.poolRows = list("rows of the pool", capacity.tokens);
    this.visible = list("visible keys", capacity.tokens);
    this.#hidden = list("hidden keys", capacity.tokens);
    this.#identity = list("rows", Math.max(capacity.tokens, capacity.rows) + tileRows);
    this.#group = list("groups", 3);
  }

  /** The tiles of the rows [0, count), all of one matrix. Valid until the next call. */
  all(count: number): TiledRows {
    const tiles = Math.ceil(count / tileRows);
    const rows = this.#memory.i32(this.#identity, tiles * tileRows);
    for (let row = 0; row < rows.length; row++) rows[row] = row < count ? row : -1;
    this.#memory.i32(this.#group, 3).set([0, 0, count]);
    return { rows: this.#identity, tiles, groups: this.#group, groupCount: 1 };
  }

  /** Address of the key that each token does not see although it is visible, or -1; 0 for a pass without shadows. */
  hidden(pass: HostPass): number {
    return pass.spans.some(({ shadowOf }) => shadowOf !== undefined) ? this.#hidden : 0;
  }

  /** Writes the lists of a pass, unless they are those of this pass already. */
  place(pass: HostPass): void {
    if (this.#placed === pass) return;
    this.#placed = pass;
    const view = (address: number) => this.#memory.u32(address, pass.tokens);
    const tokens = view(this.tokens);
    const positions = view(this.positions);
    const poolRows = view(this.poolRows);
    const visible = view(this.visible);
    const hidden = this.#memory.i32(this.#hidden, pass.tokens);
    for (const span of pass.spans) {
      for (let position = span.start; position < span.end; position++) {
        const at = span.row + position - span.start;
        tokens[at] = span.memory.tokens[position]!;
        positions[at] = position - twinDistance(span);
        poolRows[at] = span.memory.base + position;
        visible[at] = visibleKeys(span, position);
        hidden[at] = hiddenKey(span, position);
      }
    }
  }

  /** Allocates the tasks of attentions with these heads. */
  placeTasks(shape: HeadShape): void {
    const { heads, kvHeads } = shape;
    const key = `${heads}/${kvHeads}`;
    if (this.#tasks.has(key)) return;
    const { tokens } = this.#capacity;
    // A span has at most one task that is not full.
    const most = kvHeads * (Math.ceil((tokens * heads) / kvHeads / minTaskRows) + tokens);
    const address = this.#memory.place("tasks of attention", 4 * taskNumbers * most);
    this.#tasks.set(key, { address, count: 0, pass: undefined });
  }

  /** The tasks of a pass's attention: rows of one span and one key head. */
  tasks(pass: HostPass, { heads, kvHeads }: HeadShape): { readonly address: number; readonly count: number } {
    const tasks = this.#tasks.get(`${heads}/${kvHeads}`)!;
    if (tasks.pass === pass) return tasks;
    tasks.pass = pass;
    tasks.count = 0;
    const taskRows = taskRowsOf(heads * pass.tokens);
    for (const span of pass.spans) {
      const { row, start, end, memory } = span;
      const replaced = [memory.base + firstPosition(span), replacedKeys(span), twinDistance(span)];
      const queries = end - start;
      const rows = (heads / kvHeads) * queries;
      for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
        for (let first = 0; first < rows; first += taskRows) {
          const own = [row, queries, memory.base, kvHead, first, Math.min(taskRows, rows - first)];
          const at = tasks.address + 4 * taskNumbers * tasks.count++;
          this.#memory.i32(at, taskNumbers).set([...own, ...replaced]);
        }
      }
    }
    return tasks;
  }
}
