import type { RequestRows } from "../../../core/tensor/index.ts";
import { isFiltered } from "../../host/allowedTokens.ts";
import {
  chosenToken,
  heatOf,
  isDrawn,
  type RowSums,
  sumsOf,
  writeStatistics,
} from "../../host/statistics.ts";
import type { SharedBuffer } from "../buffers.ts";
import type { Workspace } from "../workspace.ts";
import type { HeadRow } from "./headRows.ts";

/** Bytes of a row's sums, and of a draw (assembly/statistics.ts and sample.ts). */
const sumsBytes = 32;
const drawBytes = 32;

/** A valid row whose token is drawn by a kernel. */
interface DrawnRow {
  readonly at: number;
  readonly sums: RowSums;
}

/** The statistics of rows of logits. Kernels sum and draw, unless filters leave tokens out. */
export class RowStatistics {
  readonly #workspace: Workspace;
  readonly #vocabulary: number;
  readonly #heats: SharedBuffer;
  readonly #sums: SharedBuffer;
  readonly #draws: SharedBuffer;

  /** @param capacity rows at a time, at most */
  constructor(workspace: Workspace, vocabulary: number, capacity: number) {
    this.#workspace = workspace;
    this.#vocabulary = vocabulary;
    this.#heats = workspace.buffers.reserve("heats", 4 * capacity);
    this.#sums = workspace.buffers.reserve("sums of logits", sumsBytes * capacity);
    this.#draws = workspace.buffers.reserve("draws", drawBytes * capacity);
  }

  /** @param logits address of the rows */
  write(
    rows: readonly HeadRow[],
    logits: number,
    logitsOf: (at: number) => Float32Array,
    requestRows: (row: HeadRow) => RequestRows,
  ): void {
    this.#sum(rows, logits);
    const drawn: DrawnRow[] = [];
    const writeRow = (at: number, sums: RowSums, chosen: number) => {
      const row = rows[at]!;
      writeStatistics(logitsOf(at), row.request, row.index, requestRows(row), sums, chosen);
    };
    for (const [at, { request, index }] of rows.entries()) {
      const { sampling } = request;
      const filtered = isFiltered(sampling, this.#vocabulary);
      const sums =
        filtered && sampling.confidenceFrom === "sampling"
          ? sumsOf(logitsOf(at), sampling)
          : this.#readSums(at);
      if (!sums) continue;
      if (isDrawn(sampling) && !filtered) drawn.push({ at, sums });
      else writeRow(at, sums, chosenToken(logitsOf(at), request, index, sums));
    }
    const tokens = this.#draw(rows, drawn, logits);
    for (const [index, { at, sums }] of drawn.entries()) writeRow(at, sums, tokens[index]!);
  }

  #sum(rows: readonly HeadRow[], logits: number): void {
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
  }

  /** The sums of a row; undefined if the logits are not finite. */
  #readSums(at: number): RowSums | undefined {
    const view = this.#view(this.#sums.address + sumsBytes * at, sumsBytes);
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

  /** The drawn tokens. */
  #draw(rows: readonly HeadRow[], drawn: readonly DrawnRow[], logits: number): readonly number[] {
    const { address } = this.#draws;
    const view = this.#view(address, drawBytes * drawn.length);
    for (const [index, { at, sums }] of drawn.entries()) {
      const { request, index: indexInRequest } = rows[at]!;
      const start = drawBytes * index;
      view.setFloat64(start, request.sampling.temperature, true);
      view.setInt32(start + 8, at, true);
      view.setUint32(start + 12, request.sampling.seed, true);
      view.setInt32(start + 16, request.positions[indexInRequest]!, true);
      view.setInt32(start + 20, request.step, true);
      view.setInt32(start + 24, sums.best, true);
    }
    this.#workspace.kernels.sample({
      logits,
      vocabulary: this.#vocabulary,
      draws: address,
      count: drawn.length,
    });
    return drawn.map((_, index) => view.getInt32(drawBytes * index + 24, true));
  }

  #view(address: number, bytes: number): DataView {
    return new DataView(this.#workspace.memory.memory.buffer, address, bytes);
  }
}
