/** The slots of one backend: side by side in its K/V pool. */
import type { Backend, SlotId } from "../tensor/index.ts";
import { PositionPool } from "./positionPool.ts";

/** Slots that were opened together. */
export interface Place {
  readonly slots: readonly SlotId[];
  /** Their positions in the pool. */
  readonly base: number;
  readonly length: number;
}

export class Slots {
  readonly #backend: Backend;
  readonly #pool: PositionPool;
  #next = 1;

  /** @param positions of the K/V pool */
  constructor(backend: Backend, positions: number) {
    this.#backend = backend;
    this.#pool = new PositionPool(positions);
  }

  /** Positions that no slot has. */
  get free(): number {
    return this.#pool.free;
  }

  /** Slots of these lengths; undefined if there is no room now. */
  async open(lengths: readonly number[]): Promise<Place | undefined> {
    const length = lengths.reduce((sum, each) => sum + each, 0);
    const base = this.#pool.reserve(length);
    if (base === undefined) return undefined;
    const slots: SlotId[] = [];
    let start = base;
    for (const each of lengths) {
      const slot = this.#next++;
      await this.#backend.openSlot({ slot, base: start, length: each });
      slots.push(slot);
      start += each;
    }
    return { slots, base, length };
  }

  async close({ slots, base, length }: Place): Promise<void> {
    for (const slot of slots) await this.#backend.closeSlot(slot);
    this.#pool.release(base, length);
  }
}
