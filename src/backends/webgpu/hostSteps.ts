/**
 * Steps in which the host decides: one submission a step, whose statistics are read back. What it decides is written
 * before the next one.
 */
import { bug } from "../../core/error.ts";
import {
  emptyPassStatistics,
  type ForwardPass,
  type PassStatistics,
  type SlotChange,
} from "../../core/tensor/index.ts";
import {
  describe,
  descriptorWords,
  floatBits,
  headerWords,
  listRows,
  maxSpans,
  type PassCounts,
  requestWords,
  softenWord,
  spanWords,
} from "./layout/descriptor.ts";
import { pairsOf } from "./layout/hostRequests.ts";
import { readStatistics, statisticsBytes } from "./layout/statisticsLayout.ts";
import type { Readback } from "./memory/readback.ts";
import type { Prepared } from "./prepared.ts";

/** The state of the batch where the host decides: there is work. */
const hostDecides = Uint32Array.of(1);

export class HostSteps {
  readonly #device: GPUDevice;
  readonly #readback: Readback;
  readonly #complain: () => void;
  #last: { readonly step: ForwardPass; readonly counts: PassCounts } | undefined;

  /** @param complain throws what the device refused since the last time */
  constructor(device: GPUDevice, readback: Readback, complain: () => void) {
    this.#device = device;
    this.#readback = readback;
    this.#complain = complain;
  }

  async run(prepared: Prepared, step: ForwardPass): Promise<PassStatistics> {
    const counts = this.#describe(prepared, step);
    await prepared.step.missing([counts]);
    const encoder = this.#device.createCommandEncoder();
    prepared.step.record(encoder, counts, { ...prepared, stepOffset: 0 });
    this.#last = { step, counts };
    const { statistics, gathered, candidates } = prepared.state;
    const bytes = this.#readback.record(encoder, [
      { buffer: statistics, offset: 0, bytes: counts.rows * statisticsBytes },
      { buffer: gathered, offset: 0, bytes: 4 * counts.pairs },
      { buffer: candidates, offset: 0, bytes: 4 * counts.rows * counts.candidateWords },
    ]);
    prepared.profiler?.resolve(encoder);
    this.#device.queue.submit([encoder.finish()]);
    await prepared.profiler?.collect();
    if (bytes === 0) return emptyPassStatistics(step.head);
    const words = await this.#readback.map(bytes);
    this.#complain();
    const read = readStatistics(step.head, words, counts);
    if (!step.head.some(({ logits }) => logits)) return read;
    return { ...read, logits: await this.#logits(prepared, counts) };
  }

  /** Writes what was decided of the last step. */
  async commit(prepared: Prepared, changes: readonly SlotChange[]): Promise<void> {
    for (const change of changes) prepared.slots.write(change);
    const softened = changes.filter(({ softEmbeddings }) => softEmbeddings && softEmbeddings.rows.length > 0);
    if (softened.length === 0) return;
    const last = this.#last;
    if (!last) throw bug("Positions are to be softened before any pass");
    const requestsAt = headerWords + last.step.spans.length * spanWords;
    for (const { slot, softEmbeddings } of softened) {
      const { request, rows, weight } = softEmbeddings!;
      const word = requestsAt + request * requestWords + softenWord;
      this.#device.queue.writeBuffer(prepared.steps, 4 * word, Uint32Array.of(floatBits(weight)));
      const { positions } = last.step.head[request]!;
      const softPositions = rows.map((row) => positions[row]!);
      prepared.slots.soften(slot, softPositions);
    }
    await prepared.soften.missing([last.counts]);
    const encoder = this.#device.createCommandEncoder();
    prepared.soften.record(encoder, last.counts, { groups: prepared.groups, stepOffset: 0 });
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Writes what the kernels of a step read. */
  #describe(prepared: Prepared, step: ForwardPass): PassCounts {
    const { words, rowWords, slots, tileQueries, state, sizes, tables } = prepared;
    const { queue } = this.#device;
    if (step.spans.length > maxSpans || step.head.length > maxSpans) {
      throw bug(
        `A step has ${step.spans.length} spans and ${step.head.length} head requests: at most ${maxSpans}`,
      );
    }
    tables.clear();
    const counts = describe(step, words, 0, { base: (slot) => slots.base(slot), tileQueries, tables });
    queue.writeBuffer(prepared.control, 0, hostDecides);
    queue.writeBuffer(prepared.steps, 0, words, 0, descriptorWords(step.spans.length, step.head.length));
    if (counts.rows === 0) return counts;
    listRows(step, rowWords);
    queue.writeBuffer(state.rows, 0, rowWords, 0, 4 * counts.rows);
    if (counts.pairs > 0) queue.writeBuffer(state.pairs, 0, pairsOf(step.head, counts.pairs, sizes.pairs));
    if (tables.used > 0) queue.writeBuffer(state.forbidden, 0, tables.words, 0, tables.used);
    return counts;
  }

  /** The logits of all rows of the last pass, read chunk by chunk. */
  async #logits(prepared: Prepared, counts: PassCounts): Promise<Float32Array> {
    const { vocabulary, state } = prepared;
    const all = new Float32Array(counts.rows * vocabulary);
    for (const { first, limit, program } of prepared.logits) {
      const rows = Math.min(counts.rows, limit) - first;
      if (rows <= 0) break;
      const encoder = this.#device.createCommandEncoder();
      program.record(encoder, counts, { groups: prepared.groups, stepOffset: 0 });
      await this.#readback.reserve(4 * rows * vocabulary);
      const bytes = this.#readback.record(encoder, [
        { buffer: state.logits, offset: 0, bytes: 4 * rows * vocabulary },
      ]);
      this.#device.queue.submit([encoder.finish()]);
      all.set(new Float32Array((await this.#readback.map(bytes)).buffer), first * vocabulary);
    }
    return all;
  }
}
