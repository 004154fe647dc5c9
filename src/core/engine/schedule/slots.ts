/** The slots of one backend: named by numbers, each a range of its K/V pool. */
import type { Backend, SlotId } from "../../tensor/index.ts";

export class Slots {
  readonly #backend: Backend;
  #next = 1;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Slots of these lengths, side by side from `base` on. */
  async open(base: number, lengths: readonly number[]): Promise<readonly SlotId[]> {
    const slots: SlotId[] = [];
    let start = base;
    for (const length of lengths) {
      const slot = this.#next++;
      await this.#backend.openSlot({ slot, base: start, length });
      slots.push(slot);
      start += length;
    }
    return slots;
  }

  async close(slots: readonly SlotId[]): Promise<void> {
    for (const slot of slots) await this.#backend.closeSlot(slot);
  }
}
