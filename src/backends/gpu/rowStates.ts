/** Which row state of the control buffer a row has, while submissions hold the row. */
import { bug } from "../../core/error.ts";
import type { DeviceRow, SlotId } from "../../core/tensor/index.ts";
import { maxRowStates } from "./layout/limits.ts";

interface Holding {
  readonly index: number;
  /** Submissions that hold the row. */
  submissions: number;
  /** The row has made fewer steps of its block than this once these are done. */
  endStep: number;
}

export class RowStates {
  /** By the slot that names the row. */
  readonly #held = new Map<SlotId, Holding>();

  /**
   * The row's state in a submission of this many passes.
   * @returns its index, and a bound of the row's steps in its block
   */
  take({ slots, entry }: DeviceRow, passes: number): { readonly index: number; readonly endStep: number } {
    const slot = slots[0]!;
    let held = this.#held.get(slot);
    if ((held === undefined) !== (entry !== undefined))
      throw bug(`The device takes slot ${slot} over where no submission holds it, and else has it already`);
    held ??= { index: this.#free(), submissions: 0, endStep: entry!.step };
    held.submissions++;
    held.endStep += passes;
    this.#held.set(slot, held);
    return held;
  }

  /** Ends a submission's hold of a row. */
  release({ slots }: DeviceRow): void {
    const slot = slots[0]!;
    const held = this.#held.get(slot);
    if (held && --held.submissions === 0) this.#held.delete(slot);
  }

  #free(): number {
    const used = new Set([...this.#held.values()].map(({ index }) => index));
    for (let index = 0; index < maxRowStates; index++) if (!used.has(index)) return index;
    throw bug(`Submissions hold more than ${maxRowStates} rows`);
  }
}
