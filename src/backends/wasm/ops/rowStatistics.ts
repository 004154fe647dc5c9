import type { RequestRows, Sampling } from "../../../core/tensor/index.ts";
import { heatOf, sumsOf, writeStatistics } from "../../host/statistics.ts";
import type { SharedBuffer } from "../buffers.ts";
import type { Workspace } from "../workspace.ts";
import type { HeadRow } from "./headRows.ts";

/** Bytes of a row's sums (assembly/statistics.ts). */
const sumsBytes = 32;

/** The statistics of rows of logits. Their sums are computed by a kernel, unless filters choose what is summed. */
export class RowStatistics {
  readonly #workspace: Workspace;
  readonly #vocabulary: number;
  readonly #heats: SharedBuffer;
  readonly #sums: SharedBuffer;

  /** @param capacity rows at a time, at most */
  constructor(workspace: Workspace, vocabulary: number, capacity: number) {
    this.#workspace = workspace;
    this.#vocabulary = vocabulary;
    this.#heats = workspace.buffers.reserve("heats", 4 * capacity);
    this.#sums = workspace.buffers.reserve("sums of logits", sumsBytes * capacity);
  }

  write(
    rows: readonly HeadRow[],
    logits: number,
    logitsOf: (at: number) => Float32Array,
    requestRows: (row: HeadRow) => RequestRows,
  ): void {
    const { memory, kernels } = this.#workspace;
    const heats = memory.f32(this.#heats.address, rows.length);
    for (const [at, { request }] of rows.entries()) heats[at] = heatOf(request.sampling);
    kernels.statistics({
      logits,
      rows: rows.length,
      vocabulary: this.#vocabulary,
      heats: this.#heats.address,
      out: this.#sums.address,
    });
    for (const [at, row] of rows.entries()) {
      const { request, index } = row;
      const values = logitsOf(at);
      const sums = sumsFiltered(request.sampling) ? sumsOf(values, request.sampling) : this.#read(at);
      if (sums) writeStatistics(values, request, index, requestRows(row), sums);
    }
  }

  /** The sums of a row; undefined if the logits are not finite. */
  #read(at: number) {
    const view = new DataView(this.#workspace.memory.memory.buffer, this.#sums.address + sumsBytes * at);
    const best = view.getInt32(16, true);
    if (best < 0) return undefined;
    return {
      total: view.getFloat64(0, true),
      weighted: view.getFloat64(8, true),
      best,
      first: view.getFloat32(20, true),
      second: view.getFloat32(24, true),
    };
  }
}

/** Whether the statistics are of a part of the vocabulary. */
function sumsFiltered({ confidenceFrom, topK, topP, minP = 0 }: Sampling): boolean {
  return confidenceFrom === "sampling" && (topK > 0 || topP < 1 || minP > 0);
}
