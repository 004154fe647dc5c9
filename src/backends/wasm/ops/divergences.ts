import { divergence } from "../../host/divergence.ts";
import { exclude } from "../../host/statistics.ts";
import type { SharedBuffer } from "../buffers.ts";
import { tileRows } from "../passLists.ts";
import type { PackedWeight } from "../weights.ts";
import type { Workspace } from "../workspace.ts";
import type { HeadRow } from "./headRows.ts";

/** Compares the distribution of a row with that of the previous step, whose hidden state its slot keeps. */
export class Divergences {
  readonly #workspace: Workspace;
  readonly #weight: PackedWeight;
  readonly #hidden: SharedBuffer;
  readonly #logits: SharedBuffer;

  /** @param weight of the head */
  constructor(workspace: Workspace, weight: PackedWeight) {
    this.#workspace = workspace;
    this.#weight = weight;
    this.#hidden = workspace.buffers.reserve("earlier hidden states", 4 * tileRows * weight.columns);
    this.#logits = workspace.buffers.reserve("earlier logits", 4 * tileRows * weight.rows);
    workspace.products.reserve(1, weight);
  }

  /**
   * Computes the divergences of the rows that want one, and keeps their hidden states.
   * @param hidden address of the rows' hidden states
   */
  write(
    rows: readonly HeadRow[],
    hidden: number,
    logitsOf: (at: number) => Float32Array,
    tell: (at: number, divergence: number) => void,
  ): void {
    const { memory } = this.#workspace;
    const width = this.#weight.columns;
    const earlier: { readonly at: number; readonly hidden: Float32Array }[] = [];
    for (const [at, { request, index, slot }] of rows.entries()) {
      if (!request.divergence) continue;
      const position = request.positions[index]!;
      const before = slot.kept.get(position);
      if (before?.step === request.step - 1) earlier.push({ at, hidden: before.hidden });
      const now = memory.f32(hidden + 4 * at * width, width).slice();
      slot.kept.set(position, { hidden: now, step: request.step });
    }
    for (let first = 0; first < earlier.length; first += tileRows) {
      const some = earlier.slice(first, first + tileRows);
      this.#earlierLogits(some.map((each) => each.hidden));
      for (const [index, { at }] of some.entries()) {
        const before = memory.f32(this.#logits.address + 4 * index * this.#weight.rows, this.#weight.rows);
        exclude(before, rows[at]!.request, rows[at]!.index);
        tell(at, divergence(logitsOf(at), before));
      }
    }
  }

  #earlierLogits(states: readonly Float32Array[]): void {
    const { memory, lists, products } = this.#workspace;
    const { columns, rows } = this.#weight;
    for (const [index, state] of states.entries())
      memory.f32(this.#hidden.address + 4 * index * columns, columns).set(state);
    const target = { out: this.#logits.address, width: rows };
    products.run({ kind: "plain", x: this.#hidden.address }, this.#weight, target, lists.all(states.length));
  }
}
