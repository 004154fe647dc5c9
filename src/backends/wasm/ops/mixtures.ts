import { keepBest } from "../../host/keepBest.ts";
import type { SharedBuffer } from "../buffers.ts";
import type { PackedWeight } from "../weights.ts";
import type { Workspace } from "../workspace.ts";
import type { HeadRow } from "./headRows.ts";

/** softmax(logits) * embedding, for the rows whose request has `mixture`. */
export class Mixtures {
  readonly #workspace: Workspace;
  readonly #embedding: PackedWeight;
  readonly #out: number;
  readonly #rows: SharedBuffer;

  /**
   * @param out address of the mixtures, [rows, hidden]
   * @param capacity rows at a time, at most
   */
  constructor(workspace: Workspace, embedding: PackedWeight, out: number, capacity: number) {
    this.#workspace = workspace;
    this.#embedding = embedding;
    this.#out = out;
    this.#rows = workspace.buffers.reserve("rows of mixtures", 4 * capacity);
  }

  /**
   * Overwrites the logits of those rows.
   * @param first index of the first of the rows in the pass
   */
  write(
    rows: readonly HeadRow[],
    first: number,
    logits: number,
    logitsOf: (at: number) => Float32Array,
  ): void {
    const { memory, kernels } = this.#workspace;
    const vocabulary = this.#embedding.rows;
    const wanted = [...rows.keys()].filter((at) => rows[at]!.request.mixture !== undefined);
    // The kernel takes rows that lie one behind the other.
    for (const [index, at] of wanted.entries()) {
      const { mixture } = rows[at]!.request;
      if (mixture !== "exact") keepBest(logitsOf(at), mixture!);
      if (index !== at) logitsOf(index).set(logitsOf(at));
    }
    memory.u32(this.#rows.address, wanted.length).set(wanted.map((at) => first + at));
    kernels.mixture({
      logits,
      dtype: this.#embedding.number,
      embedding: this.#embedding.address,
      columns: this.#embedding.columns,
      vocabulary,
      rows: this.#rows.address,
      count: wanted.length,
      out: this.#out,
    });
  }
}
