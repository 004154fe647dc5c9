/** Forward passes for which the host decides: one submission each, whose statistics are read back. */
import { bug } from "../../core/error.ts";
import {
  emptyPassStatistics,
  type ForwardPass,
  type PassStatistics,
  type SlotChange,
} from "../../core/tensor/index.ts";
import { floatBits, floatsOf, requestLayout, wantedRowLayout } from "../layout/index.ts";
import type { ComputeDevice } from "./device.ts";
import { readStatistics, statisticsBytes } from "./layout/answers.ts";
import { descriptorWords, type PassCounts, requestWord, writeDescriptor } from "./layout/descriptor.ts";
import { maxSpans } from "./layout/limits.ts";
import { gatherListOf, writeWantedRows } from "./layout/wantedRows.ts";
import type { Prepared } from "./prepared.ts";

export class HostSteps {
  readonly #device: ComputeDevice;
  #last: { readonly step: ForwardPass; readonly counts: PassCounts } | undefined;

  constructor(device: ComputeDevice) {
    this.#device = device;
  }

  async run(prepared: Prepared, step: ForwardPass): Promise<PassStatistics> {
    const counts = this.#describe(prepared, step);
    await prepared.step.compileMissing([counts]);
    const { rows, pairs, candidateWords, couplings } = counts;
    const reading = await this.#device.reserve(
      rows * statisticsBytes + 4 * (pairs + rows * candidateWords + couplings),
    );
    const commands = this.#device.commands();
    commands.run(prepared.step, counts, 0);
    this.#last = { step, counts };
    const { state } = prepared;
    commands.read(reading, [
      { buffer: state.statistics, offset: 0, bytes: rows * statisticsBytes },
      { buffer: state.gathered, offset: 0, bytes: 4 * pairs },
      { buffer: state.candidates, offset: 0, bytes: 4 * rows * candidateWords },
      { buffer: state.couplings, offset: 0, bytes: 4 * couplings },
    ]);
    await commands.submit();
    const words = await reading.words();
    if (rows === 0) return emptyPassStatistics(step.head);
    this.#device.throwPendingError();
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
      this.#device.write(prepared.steps, 4 * word, Uint32Array.of(floatBits(weight)));
      const { positions } = last.step.head[request]!;
      const softPositions = rows.map((row) => positions[row]!);
      prepared.slots.markSoft(slot, softPositions);
    }
    await prepared.softEmbeddings.compileMissing([last.counts]);
    const commands = this.#device.commands();
    commands.run(prepared.softEmbeddings, last.counts, 0);
    await commands.submit();
  }

  /** Writes what the kernels of a pass read: descriptor, control buffer, wanted rows and lists. */
  #describe(prepared: Prepared, step: ForwardPass): PassCounts {
    const { words, rowWords, slots, tileQueries, state, sizes, tables } = prepared;
    const device = this.#device;
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
    const used = descriptorWords(step.spans.length, step.head.length);
    device.write(prepared.steps, 0, words.subarray(0, used));
    if (counts.rows === 0) return counts;
    writeWantedRows(step, rowWords);
    device.write(state.rows, 0, rowWords.subarray(0, counts.rows * wantedRowLayout.words));
    if (counts.pairs > 0) device.write(state.pairs, 0, gatherListOf(step.head, counts.pairs, sizes.pairs));
    if (tables.used > 0) device.write(state.forbidden, 0, tables.words.subarray(0, tables.used));
    return counts;
  }

  /** All logits of the rows of the last pass, read chunk by chunk. */
  async #logits(prepared: Prepared, counts: PassCounts): Promise<Float32Array> {
    const { vocabulary, state } = prepared;
    const all = new Float32Array(counts.rows * vocabulary);
    for (const { first, limit, program } of prepared.logits) {
      const rows = Math.min(counts.rows, limit) - first;
      if (rows <= 0) break;
      const reading = await this.#device.reserve(4 * rows * vocabulary);
      const commands = this.#device.commands();
      commands.run(program, counts, 0);
      commands.read(reading, [{ buffer: state.logits, offset: 0, bytes: 4 * rows * vocabulary }]);
      await commands.submit();
      all.set(floatsOf(await reading.words()), first * vocabulary);
    }
    return all;
  }
}
