/** Forward passes for which the host decides: one submission each, whose statistics are read back. */
import { bug } from "../../core/error.ts";
import {
  emptyPassStatistics,
  type ForwardPass,
  type PassStatistics,
  type SlotChange,
} from "../../core/tensor/index.ts";
import { floatBits, requestLayout, wantedRowLayout } from "../layout/index.ts";
import { readStatistics, statisticsBytes } from "./layout/answers.ts";
import { descriptorWords, type PassCounts, requestWord, writeDescriptor } from "./layout/descriptor.ts";
import { maxSpans } from "./layout/limits.ts";
import { gatherListOf, writeWantedRows } from "./layout/wantedRows.ts";
import type { Readback } from "./memory/readback.ts";
import type { Prepared } from "./prepared.ts";

export class HostSteps {
  readonly #device: GPUDevice;
  readonly #readback: Readback;
  readonly #throwPendingError: () => void;
  #last: { readonly step: ForwardPass; readonly counts: PassCounts } | undefined;

  /** @param throwPendingError throws the error that the device reported since the last call, if there is one */
  constructor(device: GPUDevice, readback: Readback, throwPendingError: () => void) {
    this.#device = device;
    this.#readback = readback;
    this.#throwPendingError = throwPendingError;
  }

  async run(prepared: Prepared, step: ForwardPass): Promise<PassStatistics> {
    const counts = this.#describe(prepared, step);
    await prepared.step.compileMissing([counts]);
    const { rows, pairs, candidateWords } = counts;
    const copy = await this.#readback.reserve(rows * statisticsBytes + 4 * (pairs + rows * candidateWords));
    const encoder = this.#device.createCommandEncoder();
    prepared.step.record(encoder, counts, { ...prepared, stepOffset: 0 });
    this.#last = { step, counts };
    const { state } = prepared;
    copy.record(encoder, [
      { buffer: state.statistics, offset: 0, bytes: rows * statisticsBytes },
      { buffer: state.gathered, offset: 0, bytes: 4 * pairs },
      { buffer: state.candidates, offset: 0, bytes: 4 * rows * candidateWords },
    ]);
    prepared.profiler?.resolve(encoder);
    this.#device.queue.submit([encoder.finish()]);
    await prepared.profiler?.collect();
    const words = await copy.map();
    if (rows === 0) return emptyPassStatistics(step.head);
    this.#throwPendingError();
    const statistics = readStatistics(step.head, words, counts);
    if (!step.head.some(({ logits }) => logits)) return statistics;
    return { ...statistics, logits: await this.#logits(prepared, counts) };
  }

  /** Writes the host's decisions of the last pass. */
  async commit(prepared: Prepared, changes: readonly SlotChange[]): Promise<void> {
    for (const change of changes) prepared.slots.write(change);
    const changed = changes.filter(({ softEmbeddings }) => softEmbeddings && softEmbeddings.rows.length > 0);
    if (changed.length === 0) return;
    const last = this.#last;
    if (!last) throw bug("Soft embeddings are updated before any pass");
    for (const { slot, softEmbeddings } of changed) {
      const { request, rows, weight } = softEmbeddings!;
      const word = requestWord(last.step.spans.length, request) + requestLayout.field.softEmbeddingWeight;
      this.#device.queue.writeBuffer(prepared.steps, 4 * word, Uint32Array.of(floatBits(weight)));
      const { positions } = last.step.head[request]!;
      const softPositions = rows.map((row) => positions[row]!);
      prepared.slots.markSoft(slot, softPositions);
    }
    await prepared.softEmbeddings.compileMissing([last.counts]);
    const encoder = this.#device.createCommandEncoder();
    prepared.softEmbeddings.record(encoder, last.counts, { groups: prepared.groups, stepOffset: 0 });
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Writes what the kernels of a pass read: descriptor, control buffer, wanted rows and lists. */
  #describe(prepared: Prepared, step: ForwardPass): PassCounts {
    const { words, rowWords, slots, tileQueries, state, sizes, tables } = prepared;
    const { queue } = this.#device;
    if (step.spans.length > maxSpans || step.head.length > maxSpans) {
      throw bug(
        `A pass has ${step.spans.length} spans and ${step.head.length} head requests: at most ${maxSpans}`,
      );
    }
    tables.clear();
    const counts = writeDescriptor(step, words, 0, {
      base: (slot) => slots.base(slot),
      tileQueries,
      tables,
    });
    queue.writeBuffer(prepared.steps, 0, words, 0, descriptorWords(step.spans.length, step.head.length));
    if (counts.rows === 0) return counts;
    writeWantedRows(step, rowWords);
    queue.writeBuffer(state.rows, 0, rowWords, 0, counts.rows * wantedRowLayout.words);
    if (counts.pairs > 0)
      queue.writeBuffer(state.pairs, 0, gatherListOf(step.head, counts.pairs, sizes.pairs));
    if (tables.used > 0) queue.writeBuffer(state.forbidden, 0, tables.words, 0, tables.used);
    return counts;
  }

  /** All logits of the rows of the last pass, read chunk by chunk. */
  async #logits(prepared: Prepared, counts: PassCounts): Promise<Float32Array> {
    const { vocabulary, state } = prepared;
    const all = new Float32Array(counts.rows * vocabulary);
    for (const { first, limit, program } of prepared.logits) {
      const rows = Math.min(counts.rows, limit) - first;
      if (rows <= 0) break;
      const copy = await this.#readback.reserve(4 * rows * vocabulary);
      const encoder = this.#device.createCommandEncoder();
      program.record(encoder, counts, { groups: prepared.groups, stepOffset: 0 });
      copy.record(encoder, [{ buffer: state.logits, offset: 0, bytes: 4 * rows * vocabulary }]);
      this.#device.queue.submit([encoder.finish()]);
      all.set(new Float32Array((await copy.map()).buffer), first * vocabulary);
    }
    return all;
  }
}
